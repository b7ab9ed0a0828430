"""The check of lesson 00."""

import numpy as np

from cgan_lab.checks._kit import Wrong, call, exercise


@exercise(
    "00.labels_of",
    "those are the digits, in reading order.",
    idea="str(1905) is '1905', and a string can be read letter by letter.",
    like="the letters of 'bad' as places in the alphabet: ['abc'.index(letter) for letter in "
    "'bad'] is [1, 0, 2], and np.array makes an array of that list. What turns the letter '9' "
    "into the number 9?",
    learn="the text of a number has its digits in reading order, and 0 has one too. Labels "
    "count classes, so they are whole numbers, and their order is the order of the pictures.",
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
