#!/usr/bin/env python3
"""Measures PyTorch's CUDA dropout, a seeded dropout in Triton, and a copy.

The JSON has the cases' names, types and sizes of JDropout's own benchmark on a GPU, so that
one report compares them. It also settles whether PyTorch's dropout of halves uses the same
random words in two consecutive calls. Exit status: 0 done, 1 a check failed, 77 skipped.
"""

from __future__ import annotations

import argparse
import datetime
import json
import pathlib
import platform
import sys
from dataclasses import dataclass
from typing import Any, Callable, Optional

try:
  import torch
except ImportError:
  torch = None
try:
  import triton
  import triton.language as tl
except ImportError:
  triton = None

EXIT_FAILED = 1
EXIT_SKIPPED = 77
SEED = 42
BYTES = {"f32": 4, "f16": 2, "bf16": 2}

# As in JDropout's benchmark: traffic of a sample, most calls of one, and what is short.
SAMPLE_BYTES = 8 << 30
MAX_CALLS = 1024
GRAPH_BYTES = 64 << 20

MIN_WARMUPS = 5
BLOCK = 1024


class Failed(Exception):
  """A check that failed."""


if triton is not None:

  @triton.jit
  def seeded_dropout(x_pointer, y_pointer, count, p, seed, BLOCK: tl.constexpr):
    """The kernel of Triton's tutorial: the mask is drawn, not stored."""
    # In 32 bits, as the tutorial has it: 64-bit offsets select a slower generator.
    offsets = tl.program_id(axis=0) * BLOCK + tl.arange(0, BLOCK)
    inside = offsets < count
    x = tl.load(x_pointer + offsets, mask=inside)
    keep = tl.rand(seed, offsets) > p
    tl.store(y_pointer + offsets, tl.where(keep, x / (1 - p), 0.0), mask=inside)


def triton_dropout(x, y, p: float, seed: int) -> None:
  """Queues the kernel."""
  seeded_dropout[(triton.cdiv(x.numel(), BLOCK),)](x, y, x.numel(), p, seed, BLOCK=BLOCK)


@dataclass
class Set:
  """The tensors of one call."""

  x: Any
  y: Any
  gradient: Any


@dataclass
class Case:
  """A call, how many bytes it must move at least, and its times."""

  case: str
  operation: str
  passes: int
  call: Callable[[Set], Any]
  nanos: list[float]
  replay: Optional[Callable[[], Any]] = None
  calls: int = 0
  queued: str = "stream"


def cases(p: float, compiled: bool = False) -> list[Case]:
  """Returns the cases; the copy comes first."""
  dropout = torch.nn.functional.dropout
  if compiled:
    dropout = torch.compile(dropout)

  def both(s: Set) -> None:
    y = dropout(s.x, p, training=True)
    torch.autograd.grad(y, s.x, s.gradient)

  def triton_both(s: Set) -> None:
    triton_dropout(s.x, s.y, p, SEED)
    triton_dropout(s.gradient, s.y, p, SEED)

  found = [
    Case("copy", "copy", 2, lambda s: s.y.copy_(s.x.detach()), []),
    Case("torch", "forward", 2, lambda s: dropout(s.x.detach(), p, training=True), []),
    Case("torch", "forward and backward", 4, both, []),
  ]
  if triton is not None:
    found += [
      Case("triton", "forward", 2, lambda s: triton_dropout(s.x, s.y, p, SEED), []),
      Case("triton", "forward and backward", 4, triton_both, []),
    ]
  return found


def dtype(name: str) -> Any:
  """Returns PyTorch's type."""
  return {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}[name]


def make_sets(kind: str, count: int) -> list[Set]:
  """Returns sets of tensors, together at least twice the second-level cache."""
  # Older releases do not tell; then it is more than any cache.
  cache = getattr(torch.cuda.get_device_properties(0), "L2_cache_size", 128 << 20)
  each = count * BYTES[kind]
  sets = []
  for _ in range(max(1, min(MAX_CALLS, -(-2 * cache // each)))):
    # Random values in ±[1, 2), as in JDropout's benchmark.
    x = torch.rand(count, device="cuda").add_(1)
    x.mul_(torch.randint(0, 2, (count,), device="cuda", dtype=torch.int8).mul_(2).sub_(1))
    x = x.to(dtype(kind))
    sets.append(Set(x.requires_grad_(), torch.empty_like(x).detach(), x.detach().clone()))
  return sets


def check(kind: str, case: Case, sets: list[Set], p: float) -> None:
  """Checks that a forward case drops the share p and scales the rest."""
  if case.operation != "forward":
    return
  s = sets[0]
  result = case.call(s)
  y = s.y if case.case == "triton" else result
  count = y.numel()
  dropped = (y == 0).sum().item() / count
  # Six standard deviations.
  if abs(dropped - p) > 6 * (p * (1 - p) / count) ** 0.5:
    raise Failed(f"{case.case} {kind}: drops {dropped:.4f}, not {p}")
  kept = y != 0
  worst = (y[kept].double() * (1 - p) / s.x.detach()[kept].double() - 1).abs().max().item()
  if worst > 0.01:
    raise Failed(f"{case.case} {kind}: scale is off by {worst:.4f}")


def prepare(case: Case, sets: list[Set], quick: bool) -> None:
  """Decides how many calls a sample has, and records short ones into a graph."""
  s = sets[0]
  bytes_of_call = case.passes * s.x.numel() * s.x.element_size()
  case.calls = 2 if quick else max(len(sets), min(MAX_CALLS, SAMPLE_BYTES // bytes_of_call))

  def run() -> None:
    for call in range(case.calls):
      case.call(sets[call % len(sets)])

  case.replay = run
  if bytes_of_call < GRAPH_BYTES:
    try:
      stream = torch.cuda.Stream()
      stream.wait_stream(torch.cuda.current_stream())
      with torch.cuda.stream(stream):
        for _ in range(3):
          case.call(s)
      torch.cuda.current_stream().wait_stream(stream)
      graph = torch.cuda.CUDAGraph()
      with torch.cuda.graph(graph):
        run()
      case.replay = graph.replay
      case.queued = "graph"
    except RuntimeError as error:
      # Autograd's calls may refuse; then the host's time is part of the sample, and it says so.
      torch.cuda.synchronize()
      print(f"{case.case} {case.operation}: not recorded: {error}", file=sys.stderr)


def sample(case: Case, sets: list[Set]) -> float:
  """Returns nanoseconds per call."""
  start = torch.cuda.Event(enable_timing=True)
  end = torch.cuda.Event(enable_timing=True)
  # The device is busy while the host queues the rest.
  if case.queued == "graph":
    case.replay()
  else:
    case.call(sets[0])
  start.record()
  case.replay()
  end.record()
  end.synchronize()
  return start.elapsed_time(end) * 1e6 / case.calls


def settled(copies: list[float]) -> bool:
  """Returns whether the copy takes the same time again and again."""
  latest = copies[-4:]
  return len(copies) >= MIN_WARMUPS and max(latest) <= 1.02 * min(latest)


def measure(kind: str, exponent: int, options: argparse.Namespace) -> list[dict]:
  """Checks and times all cases of one type and size in turns."""
  count = 1 << exponent
  try:
    sets = make_sets(kind, count)
    group = cases(options.p)
    for case in group:
      check(kind, case, sets, options.p)
      prepare(case, sets, options.quick)
    copies: list[float] = []
    while len(copies) < (1 if options.quick else 60) and not settled(copies or [1.0]):
      copies.append(sample(group[0], sets))
      for case in group[1:]:
        sample(case, sets)
    for _ in range(options.samples):
      for case in group:
        case.nanos.append(sample(case, sets))
  except torch.cuda.OutOfMemoryError as error:
    return [{"type": kind, "elements": count, "notRun": str(error).splitlines()[0]}]
  return [
    {
      "case": case.case,
      "operation": case.operation,
      "type": kind,
      "elements": count,
      "bytes": case.passes * count * BYTES[kind],
      "calls": case.calls,
      "sets": min(len(sets), case.calls),
      "queued": case.queued,
      "nanosPerCall": case.nanos,
    }
    for case in group
  ]


PEERS = {"PyTorch": "torch", "PyTorch compiled": "torch", "Triton": "triton"}


def say(message: dict[str, Any]) -> None:
  """Writes a line of JSON."""
  print(json.dumps(message), flush=True)


def answer(question: dict[str, Any]) -> dict[str, Any]:
  """Checks and times one case beside a copy of as many bytes."""
  kind, p, quick = question["type"], question["p"], question["isQuick"]
  if kind not in BYTES:
    return {"notRun": f"{kind} is not measured"}
  compiled = question["peer"] == "PyTorch compiled"
  group = cases(p, compiled)
  wanted = [
    case
    for case in group
    if case.case == PEERS[question["peer"]] and case.operation == question["operation"]
  ]
  if not wanted:
    return {"notRun": f"{question['peer']} has no {question['operation']}"}
  case, copy = wanted[0], group[0]
  sets = make_sets(kind, question["elements"])
  check(kind, case, sets, p)
  for each in (copy, case):
    prepare(each, sets, quick)
  copies: list[float] = []
  while len(copies) < (1 if quick else 60) and not settled(copies or [1.0]):
    copies.append(sample(copy, sets))
    sample(case, sets)
  for _ in range(question["samples"]):
    copy.nanos.append(sample(copy, sets))
    case.nanos.append(sample(case, sets))
  moved = case.passes // 2 * question["elements"] * BYTES[kind]
  ratio = case.passes / copy.passes
  return {
    "nanosPerCall": case.nanos,
    "copyNanosPerCall": [nanos * ratio for nanos in copy.nanos],
    "bytesRead": moved,
    "bytesWritten": moved,
  }


def serve() -> None:
  """Answers questions of standard input, a line of JSON each, until it ends."""
  reason = skip_reason()
  if reason:
    say({"peers": [], "version": "", "absent": {name: reason for name in PEERS}})
    return
  torch.manual_seed(SEED)
  absent = {}
  if not hasattr(torch, "compile"):
    absent["PyTorch compiled"] = f"torch {torch.__version__} has no torch.compile"
  if triton is None:
    absent["Triton"] = "pip install triton"
  version = f"torch {torch.__version__}, CUDA {torch.version.cuda}"
  if triton is not None:
    version += f", triton {triton.__version__}"
  peers = [name for name in PEERS if name not in absent]
  say({"peers": peers, "version": version, "absent": absent})
  for line in sys.stdin:
    try:
      say(answer(json.loads(line)))
    except Exception as error:  # Whatever stops a case, the compiler's errors among it.
      text = str(error).strip() or type(error).__name__
      say({"notRun": text.splitlines()[0]})
    torch.cuda.empty_cache()


def repeats() -> str:
  """Says whether dropout of halves repeats random words between consecutive calls.

  An element's decision comes from one of four words that a thread draws at once. A thread of
  PyTorch's vectorised kernel handles eight halves, that is two draws; if a call advances the
  generator by one draw only, the next call's first four decisions are this one's last four.
  """
  answers = []
  for kind in BYTES:
    torch.manual_seed(SEED)
    ones = torch.ones(1 << 20, device="cuda", dtype=dtype(kind))
    first, second = (
      (torch.nn.functional.dropout(ones, 0.5, training=True) != 0).view(-1, 8) for _ in range(2)
    )
    shifted = (first[:, 4:] == second[:, :4]).float().mean().item()
    same = (first == second).float().mean().item()
    answers.append(
      f"{kind}: last half of 8 of a call = first half of the next: {shifted:.6f}, "
      f"same place: {same:.6f}"
    )
  return (
    f"torch {torch.__version__}, equal decisions of two consecutive calls, p = 0.5 (0.5 = "
    "independent, 1.0 = repeated): " + "; ".join(answers)
  )


def machine() -> dict[str, Any]:
  """Returns what the figures depend on."""
  properties = torch.cuda.get_device_properties(0)
  return {
    "name": "pytorch_cuda.py",
    "torch": str(torch.__version__),
    "cuda": str(torch.version.cuda),
    "triton": None if triton is None else str(triton.__version__),
    "python": platform.python_version(),
    "device": properties.name,
    "multiprocessors": properties.multi_processor_count,
    "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
  }


def parse_exponents(text: str) -> list[int]:
  """Reads powers of 2, separated by commas."""
  exponents = [int(part) for part in text.split(",")]
  if not all(10 <= exponent <= 30 for exponent in exponents):
    raise argparse.ArgumentTypeError(f"exponents are from 10 to 30, not {text}")
  return exponents


def parse_options(arguments: list[str]) -> argparse.Namespace:
  """Reads the command line; exits with status 2 where it is wrong."""
  parser = argparse.ArgumentParser(description="Measures PyTorch's and Triton's CUDA dropout.")
  add = parser.add_argument
  add("--json", type=pathlib.Path, metavar="FILE", help="write all samples")
  add("--exponents", type=parse_exponents, metavar="N,...", help="sizes; default: 20,22,...,28")
  add("--p", type=float, default=0.1, help="probability of dropping; default: %(default)s")
  add("--samples", type=int, metavar="N", help="of each case; default: 21")
  add("--quick", action="store_true", help="run briefly and check outputs only: no figures")
  add("--serve", action="store_true", help="answer standard input, for jdropout bench")
  options = parser.parse_args(arguments)
  if options.exponents is None:
    options.exponents = [12, 20] if options.quick else [20, 22, 24, 26, 28]
  if options.samples is None:
    options.samples = 2 if options.quick else 21
  return options


def skip_reason() -> Optional[str]:
  """Returns why nothing can be measured here, None if it can."""
  if torch is None:
    return "PyTorch is missing: pip install torch"
  if not torch.cuda.is_available():
    return f"torch {torch.__version__} finds no CUDA device"
  return None


def main() -> int:
  """Returns the exit status."""
  options = parse_options(sys.argv[1:])
  if options.serve:
    serve()
    return 0
  reason = skip_reason()
  if reason:
    print(f"SKIPPED: {reason}")
    return EXIT_SKIPPED
  torch.manual_seed(SEED)
  answers = [repeats()]
  if triton is None:
    answers.append("Triton is missing, so its kernel was not measured")
  results = []
  try:
    for kind in BYTES:
      for exponent in options.exponents:
        results += measure(kind, exponent, options)
        torch.cuda.empty_cache()
  except Failed as failure:
    print(f"FAILED: {failure}", file=sys.stderr)
    return EXIT_FAILED
  report = {
    "peer": {**machine(), "p": options.p, "samples": options.samples, "quick": options.quick},
    "answers": answers,
    "device": results,
  }
  if options.json:
    options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
  for answer in answers:
    print(answer)
  print(f"{len(results)} cases of torch {torch.__version__} on {report['peer']['device']}")
  return 0


if __name__ == "__main__":
  sys.exit(main())
