"""The network as an ONNX graph, run by ONNX Runtime: a file format for trained networks, so outputs only.

Used by the chapter *frameworks*.
"""

import sys

import onnxruntime
from onnx import TensorProto, checker, helper, numpy_helper

from groundtruth.frameworks import contract


def graph(weights):
    nodes = [
        helper.make_node("Gemm", ["x", "W1", "b1"], ["sums"]),
        helper.make_node("Relu", ["sums"], ["hidden"]),
        helper.make_node("Gemm", ["hidden", "W2", "b2"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["probabilities"], axis=1),
    ]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 784])
    y = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", 10])
    constants = [numpy_helper.from_array(values, name) for name, values in weights.items()]
    model = helper.make_model(
        helper.make_graph(nodes, "net", [x], [y], constants),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    checker.check_model(model)
    return model


def outputs(weights, x):
    session = onnxruntime.InferenceSession(graph(weights).SerializeToString())
    return session.run(["probabilities"], {"x": x})[0]


if __name__ == "__main__":
    contract.main(sys.modules[__name__])
