"""The check of lesson 00."""

import numpy as np

from cgan_lab.checks._kit import Wrong, call, exercise


@exercise(
    "00.labels_of",
    "those are the digits, in reading order.",
    idea="str(1905) is '1905', and a string can be read letter by letter. Int('9') is 9. A list comprehension over the letters gives the list of labels.",
    like="",
    learn="",
)
def _labels_of(answer):
    for number in (1905, 7, 40, 0):
        want = [int(letter) for letter in str(number)]
        got = np.asarray(call(answer, number))
        if got.dtype.kind in "US":
            raise Wrong("these are letters; labels are whole numbers.")
        if got.dtype.kind == "f":
            raise Wrong("these are floats; labels are whole numbers, so keep the dtype an integer.")
        if len(want) > 1 and got.tolist() == want[::-1]:
            raise Wrong("the digits are all there, but from right to left.")
        if got.tolist() != want:
            raise Wrong(f"for {number} expected the labels {want}, got {got.tolist()}.")
