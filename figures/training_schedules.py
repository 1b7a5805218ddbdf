"""What the learning rate is multiplied by over a run: constant, linear, cosine, stairs, and a warm-up.

Used by the chapter *training*.
"""

from matplotlib.figure import Figure

from groundtruth.plotting import style
from groundtruth.scratch import schedules

STEPS = 300


def draw() -> Figure:
    figure, axes = style.new_figure(height=2.9)
    lines = {
        "constant": schedules.constant,
        "linear": schedules.linear,
        "cosine": schedules.cosine,
        "stairs": schedules.steps_down(1 / 3),
        "warm-up, cosine": schedules.rise(60, schedules.cosine),
    }
    for number, (name, schedule) in enumerate(lines.items()):
        factors = [schedule(step, STEPS) for step in range(STEPS)]
        axes.plot(factors, color=style.SERIES[number], linestyle=style.DASHES[number], label=name)
    axes.set(xlim=(0, STEPS), ylim=(0, 1.08), xticks=[], yticks=[0, 0.5, 1])
    axes.set(xlabel="step of the run", ylabel="factor of the rate")
    figure.legend(loc="outside lower center", ncols=3)
    return figure
