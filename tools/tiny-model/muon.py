"""Muon (Jordan and others 2024, https://kellerjordan.github.io/posts/muon): the momentum of a matrix, made nearly orthogonal.

A step has the root mean square of AdamW's (arXiv 2502.16982), so that both share a rate of learning.
"""

import torch


def orthogonal(matrices, half):
    """matrices: [count, rows, columns]. Newton-Schulz iterations of order five, which take all singular values near one; `half`: in bfloat16."""
    wide = matrices.shape[1] <= matrices.shape[2]
    x = matrices if wide else matrices.transpose(1, 2)
    x = x / (x.flatten(1).norm(dim=1).view(-1, 1, 1) + 1e-7)
    x = x.bfloat16() if half else x
    for _ in range(5):
        square = x @ x.transpose(1, 2)
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    return (x if wide else x.transpose(1, 2)).float()


class Muon(torch.optim.Optimizer):
    def __init__(self, parameters, momentum=0.95, weight_decay=0.05, half=False):
        self.half = half
        super().__init__(parameters, {"lr": 0.0, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            by_shape = {}
            for parameter in group["params"]:
                state = self.state[parameter]
                if "momentum" not in state:
                    state["momentum"] = torch.zeros_like(parameter)
                # An expert that no token has chosen has no gradient.
                gradient = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
                momentum = state["momentum"].lerp_(gradient, 1 - group["momentum"])
                ahead = gradient.lerp(momentum, group["momentum"])
                by_shape.setdefault(parameter.shape, []).append((parameter, ahead))
            for shape, members in by_shape.items():
                updates = orthogonal(torch.stack([ahead for _, ahead in members]), self.half)
                for (parameter, _), update in zip(members, updates):
                    parameter.mul_(1 - group["lr"] * group["weight_decay"])
                    parameter.add_(update, alpha=-0.2 * max(shape) ** 0.5 * group["lr"])
