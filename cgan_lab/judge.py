"""The shipped classifier that names the digit in an image. Trained on whole MNIST, ships as an asset."""

from cgan_lab import runtime

FEATURES = 128


def build():
    """Return the untrained judge: uint8-valued images ``(n, 28, 28, 1)`` -> logits ``(n, 10)``, features ``(n, 128)``.

    Two convolutions with batch normalisation, one hidden layer of 128 ReLU units (the features), ten logits.
    """
    runtime.tensorflow()
    from keras import Model, layers

    x = image = layers.Input((28, 28, 1), name="image")
    x = layers.Rescaling(1 / 255.0)(x)  # 0..255 -> 0..1
    for filters in (24, 48):
        x = layers.Conv2D(filters, 5, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization()(x)
        x = layers.ReLU()(x)
        x = layers.MaxPooling2D()(x)  # (28, 28) -> (14, 14) -> (7, 7)
    x = layers.Dropout(0.4)(layers.Flatten()(x))
    features = layers.Dense(FEATURES, activation="relu", name="features")(x)
    logits = layers.Dense(10, name="logits")(layers.Dropout(0.4)(features))
    return Model(image, [logits, features], name="judge")
