"""A training from Python: learn, evaluate, keep the best, stop when nothing gets better, go on where it was stopped.

pipeline = create_trading_pipeline(num_agents=4, total_episodes=10_000, experiment_name="first")
results = asyncio.run(pipeline.train())
results["best_eval_score"]
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypedDict

from simulator.envs.market.rows import Observer
from simulator.training.cadence import PROGRESS, Cadence, Progress, Watch, passes, progress_of
from simulator.training.config import TrainConfig
from simulator.training.policy import Policy
from simulator.training.presets import preset as settings_of
from simulator.training.sb3 import Learner, Rollout
from simulator.training.versions import Versions

CHECKPOINT_EVERY = 2000
"""Episodes between two checkpoints."""


class Results(TypedDict):
    """What a training came to."""

    experiment_name: str
    steps: int
    episodes: int
    best_eval_score: float | None  # per episode and seat, in the reward's unit; None without evaluations
    best_checkpoint: str  # what it was of; the newest one without evaluations
    checkpoint: str
    evaluations: list[tuple[int, float]]  # after so many episodes, this score
    stopped_early: str  # why, or empty
    log_hash: str


class RLTrainingPipeline:
    """A training with evaluations, checkpoints and early stop.

    What is learned is a function of the configuration: evaluations, checkpoints and interruptions change nothing. In a folder with
    checkpoints of the same configuration it goes on from the newest that is whole.

    Parameters
    ----------
    config : the training.
    experiment_name : names the folder in which checkpoints lie.
    folder : under which it lies.
    cadence : when it is evaluated and stopped, and how many checkpoints stay.
    checkpoint_every : episodes between two checkpoints; there is one at the end and one of each best evaluation as well.
    on_rollout : told every rollout with its figures, evaluations among them.
    observer : told the records of the markets.
    code_version : written into checkpoints.

    Raises
    ------
    ValueError : the folder holds a training of another configuration, or damaged checkpoints only.
    """

    def __init__(
        self,
        config: TrainConfig,
        *,
        experiment_name: str,
        folder: Path = Path("checkpoints"),
        cadence: Cadence | None = None,
        checkpoint_every: int = CHECKPOINT_EVERY,
        on_rollout: Callable[[Rollout], None] | None = None,
        observer: Observer | None = None,
        code_version: str = "unknown",
    ) -> None:
        if checkpoint_every < 1:
            raise ValueError(f"a checkpoint every {checkpoint_every} episodes is not possible; use at least 1")
        self.config, self.experiment_name, self.cadence = config, experiment_name, cadence or Cadence()
        self.versions = Versions(folder / experiment_name, self.cadence.keep)
        self._checkpoint_every, self._on_rollout, self._code_version = checkpoint_every, on_rollout, code_version
        self.learner, progress = self._begun(observer)
        self._watch = Watch(config, self.cadence, progress)

    def _begun(self, observer: Observer | None) -> tuple[Learner, Progress]:
        kept = self.versions.recovered()
        if kept is None:
            return Learner(self.config, observer), Progress()
        if kept.lineage.training() != self.config:
            raise ValueError(f"{self.versions.folder} holds a training of another configuration; choose another experiment_name")
        return Learner.resume(kept, observer), progress_of(kept.folder)

    @property
    def progress(self) -> Progress:
        """The evaluations so far."""
        return self._watch.progress

    def rollouts(self) -> Iterator[Rollout]:
        """Train to the end or to the early stop; yields after each rollout, when what it calls for is evaluated and stored."""
        if self.progress.has_stopped():
            return
        for rollout in self.learner.rollouts():
            look = self._watch.after(rollout, self.learner.policies)
            done = replace(rollout, metrics=rollout.metrics | look.metrics)
            if look.best:
                self._save(self.versions.best)
            last = self.progress.has_stopped() or rollout.number == self.config.rollouts
            if last or passes(self.config, rollout.number, self._checkpoint_every):
                self._save(self.versions.newest)
                self.versions.retain()
            if self._on_rollout:
                self._on_rollout(done)
            yield done
            if self.progress.has_stopped():
                return

    def _save(self, folder: Path) -> None:
        self.learner.save(folder, self._code_version, {PROGRESS: self.progress.encode()})

    def train_blocking(self) -> Results:
        """Train to the end."""
        for _ in self.rollouts():
            pass
        return self.results()

    async def train(self) -> Results:
        """Train to the end; others of the event loop have their turn after each rollout.

        It is not a thread's work: torch and Stable-Baselines3 draw from generators that belong to the whole process, which a learner has
        to itself within a rollout. Cancelled, it goes on when it is called again.
        """
        for _ in self.rollouts():
            await _Turn()
        return self.results()

    def results(self) -> Results:
        """What it came to so far."""
        progress, best = self.progress, self.versions.best
        return Results(
            experiment_name=self.experiment_name,
            steps=self.learner.steps,
            episodes=self.config.ended_after(self.learner.done),
            best_eval_score=progress.best_score,
            best_checkpoint=str(best if progress.scores else self.versions.newest),
            checkpoint=str(self.versions.newest),
            evaluations=list(zip(progress.episodes, progress.scores, strict=True)),
            stopped_early=progress.stopped,
            log_hash=self.learner.env.log_hash(),
        )

    def policy(self) -> Policy:
        """The greedy policy as it is now."""
        return self.learner.policy()


class _Turn:
    """Awaited, it lets an asyncio loop go round once: what `asyncio.sleep(0)` does."""

    def __await__(self) -> Generator[None, None, None]:
        yield


def create_trading_pipeline(
    num_agents: int = 4,
    total_episodes: int = 10_000,
    use_curriculum: bool = False,
    experiment_name: str = "trading",
    *,
    folder: Path = Path("checkpoints"),
    cadence: Cadence | None = None,
    checkpoint_every: int = CHECKPOINT_EVERY,
    preset: str | None = None,
    on_rollout: Callable[[Rollout], None] | None = None,
    **settings: Any,
) -> RLTrainingPipeline:
    """A pipeline in which `num_agents` learners of each market share a policy, for `total_episodes` markets, rounded up to whole rollouts.

    preset : a name of simulator.training.presets; settings : of TrainConfig, which win over it. Raises ValueError for use_curriculum,
    because there are no curricula, and for settings that TrainConfig refuses.
    """
    if use_curriculum:
        raise ValueError("use_curriculum=True: there are no curricula; leave it out and set how hard the market is with volatility=...")
    unknown = sorted(set(settings) - set(TrainConfig.__dataclass_fields__))
    if unknown:
        raise ValueError(f"unknown training settings {', '.join(unknown)}; known: {', '.join(TrainConfig.__dataclass_fields__)}")
    chosen = (settings_of(preset) if preset else {}) | settings | {"learners": num_agents}
    steps = total_episodes * num_agents * int(chosen.get("episode_steps", TrainConfig.episode_steps))
    config = TrainConfig(**(chosen | {"steps": steps}))
    return RLTrainingPipeline(
        config, experiment_name=experiment_name, folder=folder, cadence=cadence, checkpoint_every=checkpoint_every, on_rollout=on_rollout
    )
