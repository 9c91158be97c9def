"""Networks of several agents: their own weights or shared ones, sequences as step by step, choices as likely as they are said to be."""

import pytest
import torch

from simulator.training.networks import AgentNetwork, Dense, Sharing, among_legal, sampled, torch_generator

CHANCE = torch_generator(2, "test")


@pytest.mark.parametrize("sharing", Sharing)
@pytest.mark.parametrize("recurrent", [False, True])
def test_a_sequence_is_what_its_steps_are(sharing: Sharing, recurrent: bool) -> None:
    network = AgentNetwork(3, 4, 5, 2, CHANCE, sharing, recurrent)
    seen, began = torch.randn(6, 7, 3, 4, generator=CHANCE), torch.zeros(6, 7)
    began[3, 2] = 1.0
    start = torch.randn(7, 3, network.memory_size, generator=CHANCE)
    answers, memories = network.unroll(seen, start, began)
    memory = start
    for step in range(6):
        memory = memory * (1.0 - began[step])[:, None, None]
        answer, memory = network(seen[step], memory)
        assert torch.allclose(answers[step], answer, atol=1e-6)
        assert torch.allclose(memories[step], memory, atol=1e-6)
    assert answers.shape == (6, 7, 3, 2)


@pytest.mark.parametrize("sharing", Sharing)
def test_agents_answer_to_their_own_rows_in_their_own_way(sharing: Sharing) -> None:
    network = AgentNetwork(2, 3, 4, 2, CHANCE, sharing)
    seen = torch.randn(5, 2, 3, generator=CHANCE)
    other = seen.clone()
    other[:, 1] = 9.0
    assert torch.equal(network(seen, network.start(5))[0][:, 0], network(other, network.start(5))[0][:, 0])
    alike = network(seen[:, :1].expand(5, 2, 3), network.start(5))[0]
    assert not torch.allclose(alike[:, 0], alike[:, 1])


def test_layers_of_several_weights_are_as_many_layers() -> None:
    several = Dense(3, 4, 2, CHANCE)
    rows = torch.randn(3, 5, 4, generator=CHANCE)
    one_by_one = torch.stack([rows[i] @ several.weight[i] + several.bias[i] for i in range(3)])
    assert torch.allclose(several(rows), one_by_one, atol=1e-6)
    assert torch.allclose(several.weight[0].T @ several.weight[0], 2.0 * torch.eye(2), atol=1e-5)  # orthogonal, gain root two


def test_choices_are_drawn_as_often_as_they_should_be() -> None:
    drawn = sampled(torch.tensor([1.0, 0.0, 2.0, 1.0, 0.0]).expand(20_000, 5), CHANCE)
    shares = torch.bincount(drawn, minlength=5) / 20_000
    assert shares.tolist() == pytest.approx([0.25, 0.0, 0.5, 0.25, 0.0], abs=0.02)


def test_what_is_not_legal_is_never_best() -> None:
    values, masks = torch.tensor([[1.0, 2.0, 3.0]]), torch.tensor([[True, True, False]])
    assert among_legal(values, masks).argmax(-1).tolist() == [1]
    assert among_legal(values, None) is values
