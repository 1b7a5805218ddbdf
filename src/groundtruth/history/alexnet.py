"""2012: rectifiers, large data and graphics processors win the ImageNet challenge.

Used by the chapter *history*.

Source: Krizhevsky, Sutskever & Hinton, "ImageNet classification with deep convolutional neural networks", NIPS 2012
(reprinted with doi 10.1145/3065386). The network itself, 60,965,224 weights, is ``groundtruth.models.alexnet``, where its
counts are asserted; this machine cannot train it. What it can repeat is the paper's figure 1: a convolutional network
of four layers, on small colour photographs (CIFAR-10), reaches a training error of 25 % six times sooner with rectifiers
than with tanh, each with a learning rate of its own, chosen to be fast.

Here: cats and dogs of CIFAR-10, four layers, half of the paper's threshold's way less to go, since two classes
start at 50 %. Which learning rate is the fast one was looked up with other seeds.
"""

from __future__ import annotations
