"""The console of the failure clinic: a setting, field by field, trained while one watches. Knows the clinic."""

import dataclasses
import html

import ipywidgets

from cgan_lab import clinic, losses, networks, plots
from cgan_lab.widgets._control import WIDE, Picture, choice
from cgan_lab.widgets.training import TrainingControl

HEALTHY, NONE = "healthy", "none"  # a dropdown shows the value None as an empty line


class ClinicConsole(TrainingControl):
    """A patient or a setting of one's own, its training, its chart and its complaints. See `clinic_console`."""

    def __init__(self, digits, healthy):
        self.digits, self.healthy, self.chart = digits, healthy, None
        self.fields, whole = _fields(), healthy.setting
        self.patient = choice("patient", [HEALTHY, *clinic.PATIENTS], HEALTHY)
        self.patient.observe(self._admit, names="value")
        self.fill(whole)
        beside = Picture()
        beside.value = plots.png(plots.chart(healthy.rows, healthy.images))
        beside.tooltip = f"The chart of the healthy training. {_measures(healthy.rows[-1])}"
        self.beside = ipywidgets.VBox([ipywidgets.HTML(f"<b>{beside.tooltip}</b>"), beside])
        name = "clinic console: choose a patient or change its fields, train, and read the chart"
        super().__init__(name, [self.patient, ipywidgets.VBox(list(self.fields.values()))])
        for field in self.fields.values():
            field.observe(self.follow, names="value")
        self.children = [*self.children, self.beside]
        self.image.layout.display = "none"  # until there is a chart

    def setting(self):
        """Return the `clinic.Setting` that the fields say."""
        values = {name: field.value for name, field in self.fields.items()}
        return clinic.Setting(
            **{name: None if value == NONE else value for name, value in values.items()}
        )

    def fill(self, setting):
        """Put the values of ``setting`` into the fields."""
        for name, field in self.fields.items():
            value = getattr(setting, name)
            field.value = NONE if value is None else value

    def _admit(self, change):
        letter = change["new"]
        self.act(
            lambda: self.fill(
                self.healthy.setting if letter == HEALTHY else clinic.PATIENTS[letter]
            )
        )

    def planned(self):
        """Return how many epochs the next training has."""
        return self.setting().epochs

    def work(self, checkpoint):
        """Train as the fields say; the chart grows with every epoch."""
        setting = self.setting()

        def step(start, stop, means):
            self.stepped(start, stop, means)
            checkpoint()

        def whole(chart):
            self.chart = chart
            self.looked(len(chart.rows))

        whole(clinic.train(setting, self.digits, progress=False, on_call=step, on_epoch=whole))

    def looked(self, epochs):
        """Show the chart, from the first epoch on."""
        self.image.layout.display = None
        super().looked(epochs)

    def figure(self):
        """Return the chart so far, with the healthy measures in grey; the samples alone if no epoch came to its end."""
        chart = self.chart or self.healthy
        if not chart.rows:
            return plots.digits(chart.images, row_names=list(self.digits.class_names))
        return plots.chart(chart.rows, chart.images, beside=self.healthy.rows)

    def found(self):
        """Return in words how the setting differs from the healthy one, and what the chart complains of."""
        words = f"The fields differ from the healthy setting in: <b>{self._differs(self.setting())}</b>."
        if self.chart is None:
            return f"{words} No chart yet."
        words += f" The chart's setting differs in: {self._differs(self.chart.setting)}."
        if self.chart.rows:
            words += f" {_measures(self.chart.rows[-1])}"
        if self.runner.state == "finished":
            complaints = html.escape(" ".join(clinic.complaints(self.chart)))
            words += f" Complaints: <b>{complaints or 'none'}</b>"
        return words

    def _differs(self, setting):
        return ", ".join(clinic.changed(setting, self.healthy.setting)) or "nothing"


def _measures(row):
    return (
        f"Epoch {row['epoch']}: agreement {row['agreement']:.0%}, diversity {row['diversity']:.2f}, darkest pixels "
        f"{row['darkest']:.0f}, D's loss {row['d_loss']:.3g}, G's loss {row['g_loss']:.3g}."
    )


def _fields():
    """Return a control for each field of `clinic.Setting`, by its name."""

    def number(name, low, high, step):
        return ipywidgets.BoundedFloatText(min=low, max=high, step=step, description=name, **WIDE)

    healthy = clinic.Setting()
    fields = [
        choice("pixels", list(clinic.RANGES), healthy.pixels),
        choice("way", list(networks.WAYS), healthy.way),
        choice("loss", list(losses.LOSSES), healthy.loss),
        choice("penalty", [NONE, *losses.PENALTIES], NONE),
        number("g_rate", 1e-6, 0.1, 1e-4),
        number("d_rate", 1e-6, 0.1, 1e-4),
        number("beta_1", 0.0, 0.99, 0.1),
        ipywidgets.BoundedIntText(min=0, max=1000, step=25, description="head_start", **WIDE),
        number("ema", 0.0, 0.9999, 0.001),
        ipywidgets.BoundedIntText(min=8, max=512, step=8, description="batch_size", **WIDE),
        ipywidgets.IntSlider(min=1, max=20, description="epochs", **WIDE),
    ]
    assert [field.description for field in fields] == [
        field.name for field in dataclasses.fields(clinic.Setting)
    ]
    return {field.description: field for field in fields}


def clinic_console(digits, healthy):
    """Return a control that trains a `clinic.Setting` on ``digits`` and shows its chart beside the healthy one.

    ``healthy``: the `clinic.Chart` of a healthy training, as `clinic.train` returns it; its setting is what the fields
    start with. Shown in lesson 06.
    """
    return ClinicConsole(digits, healthy)
