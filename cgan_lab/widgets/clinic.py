"""The console of the failure clinic: choose a setting, train it, read its chart."""

import dataclasses
import html

import ipywidgets

from cgan_lab import clinic, losses, networks, plots
from cgan_lab._support.language import said
from cgan_lab.widgets._control import Picture
from cgan_lab.widgets._parts import WIDE, choice, int_slider
from cgan_lab.widgets.training import TrainingControl

HEALTHY = "healthy"
NONE = "none"  # a dropdown would show the value None as an empty line
# The fields of a setting, and how each is shown: a list is a dropdown, (low, high, step) a box for
# a number, a range a slider.
FIELDS = {
    "pixels": list(clinic.RANGES),
    "way": list(networks.WAYS),
    "loss": list(losses.LOSSES),
    "penalty": [NONE, *losses.PENALTIES],
    "g_rate": (1e-6, 0.1, 1e-4),
    "d_rate": (1e-6, 0.1, 1e-4),
    "beta_1": (0.0, 0.99, 0.1),
    "head_start": (0, 1000, 25),
    "ema": (0.0, 0.9999, 0.001),
    "batch_size": (8, 512, 8),
    "epochs": range(1, 21),
}


class ClinicConsole(TrainingControl):
    """A control that trains a `clinic.Setting` and shows its chart beside the healthy one.

    ``digits``: what it trains on; ``healthy``: the `clinic.Chart` of a healthy training, as
    `clinic.train` returns it, whose setting the fields start with. Shown in lesson 06.
    """

    name = "clinic console: choose a patient or change its fields, train, and read the chart"

    def __init__(self, digits, healthy):
        self.digits = digits
        self.healthy = healthy
        self.chart = None
        self.filled = healthy.setting
        self.fields = {name: _field(name, getattr(self.filled, name)) for name in FIELDS}
        self.patient = choice("patient", _options([HEALTHY, *clinic.PATIENTS]), HEALTHY)
        self.patient.observe(self._admit, names="value")
        super().__init__([self.patient, ipywidgets.VBox(list(self.fields.values()))])
        for field in self.fields.values():
            field.observe(self.follow, names="value")
        beside = Picture()
        beside.value = plots.png(plots.chart(healthy.rows, healthy.images))
        beside.tooltip = said(f"The chart of the healthy training. {_measures(healthy.rows[-1])}")
        words = ipywidgets.HTML(f"<b>{beside.tooltip}</b>")
        self.children = [*self.children, ipywidgets.VBox([words, beside])]
        self.image.layout.display = "none"  # until there is a chart

    def setting(self):
        """Return the `clinic.Setting` that the fields say."""
        values = {name: field.value for name, field in self.fields.items()}
        values = {name: None if value == NONE else value for name, value in values.items()}
        return dataclasses.replace(self.filled, **values)

    def fill(self, setting):
        """Put the values of ``setting`` into the fields."""
        self.filled = setting
        for name, field in self.fields.items():
            field.value = _shown(getattr(setting, name))

    def _admit(self, change):
        healthy = change["new"] == HEALTHY
        setting = self.healthy.setting if healthy else clinic.PATIENTS[change["new"]]
        self.act(lambda: self.fill(setting))

    def planned(self):
        return self.setting().epochs

    def work(self):
        options = {"progress": False, "listeners": [self]}
        self.on_epoch(clinic.train(self.setting(), self.digits, **options))

    def on_epoch(self, chart):
        """Show the `clinic.Chart` so far, from the first epoch on."""
        self.chart = chart
        self.image.layout.display = None
        self.epochs_done(len(chart.rows))

    def figure(self):
        chart = self.chart or self.healthy
        if not chart.rows:  # no epoch came to its end
            return plots.digits(chart.images, row_names=list(self.digits.class_names))
        return plots.chart(chart.rows, chart.images, beside=self.healthy.rows)

    def found(self):
        words = ["The fields are those of the healthy setting."]
        if differs := self._differs(self.setting()):
            words = [f"The fields differ from the healthy setting in: <b>{differs}</b>."]
        if self.chart is None:
            return " ".join([*words, "There is no chart yet."])
        if differs := self._differs(self.chart.setting):
            words += [f"The chart's setting differs from the healthy one in: {differs}."]
        if self.chart.rows:
            words += [_measures(self.chart.rows[-1])]
        if self.runner.state == "finished":
            complaints = html.escape(" ".join(clinic.complaints(self.chart)))
            words += [f"Complaints of the clinic: {complaints}" if complaints else "No complaints."]
        return " ".join(words)

    def _differs(self, setting):
        return ", ".join(clinic.changed(setting, self.healthy.setting))


def _measures(row):
    return (
        f"Epoch {row['epoch']}: agreement {row['agreement']:.0%}, diversity "
        f"{row['diversity']:.2f}, darkest pixels {row['darkest']:.0f}, "
        f"D's loss {row['d_loss']:.3g}, G's loss {row['g_loss']:.3g}."
    )


def _options(values):
    """Return the options (shown, value) of a dropdown: all but names of the code are translated."""
    return [(said(value) if value in (HEALTHY, NONE) else value, value) for value in values]


def _shown(value):
    return NONE if value is None else value


def _field(name, value):
    """Return the control of one field of `clinic.Setting`, after the table `FIELDS`."""
    shown = FIELDS[name]
    if isinstance(shown, list):
        return choice(name, _options(shown), _shown(value))
    if isinstance(shown, range):
        return int_slider(name, value, shown[0], shown[-1])
    low, high, step = shown
    whole = isinstance(step, int)
    box = ipywidgets.BoundedIntText if whole else ipywidgets.BoundedFloatText
    return box(value, min=low, max=high, step=step, description=name, **WIDE)
