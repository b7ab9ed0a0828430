"""TensorFlow and Keras, imported without TensorFlow's start-up messages: ``keras`` and ``tf``."""

import importlib

from cgan_lab._support import runtime

tf = runtime.tensorflow()
keras = importlib.import_module("keras")
