#!/usr/bin/env python3
"""Measures libjdropout beside PyTorch's CPU dropout, interleaved, in one process.

Needs Python 3.9, PyTorch 1.13 or newer, and libjdropout; nothing else. See README.md beside it.

Exit status: 0 done, 1 a check failed, 2 bad options, 77 skipped as PyTorch or libjdropout is
missing.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import ctypes
import datetime
import functools
import gc
import json
import math
import os
import pathlib
import platform
import statistics
import sys
import time
import warnings
from dataclasses import dataclass, field
from typing import Any, Callable, NamedTuple, Optional

EXIT_FAILED = 1
EXIT_SKIPPED = 77

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
KNOWN_ANSWERS = ROOT / "src/test/resources/known-answers.txt"

ABI_VERSION = 2
FLAG_STREAMING = 2
SEED = 42
STREAM = 7

MIN_SAMPLES = 15
QUICK_SAMPLES = 2
SAMPLE_SECONDS = 0.01
MAX_CALLS = 10_000

# OpenMP's workers spin for some milliseconds after their last task. Without a pause they would take
# the cores from the case after PyTorch's.
SETTLE_SECONDS = 0.02

# Handing a slice to a thread costs Python tens of microseconds, in which one thread does about this
# many elements. A smaller tensor is left to one thread, as PyTorch leaves one below 2^15.
MIN_SLICE = 1 << 17
# Slices start on cache lines, whatever the type.
SLICE_ALIGNMENT = 1 << 10

Tensor = Any
Action = Callable[[], Any]

# Set by load_torch(): an import at the top could not be answered with SKIPPED.
torch: Any = None


class Skipped(Exception):
  """PyTorch or libjdropout is missing."""


class Failed(Exception):
  """A check failed, or the library refused a call."""


class ElementType(NamedTuple):
  """The names of PyTorch's types for a type of libjdropout."""

  name: str
  values: str
  bits: str
  arithmetic: str


ELEMENT_TYPES = {
  kind.name: kind
  for kind in (
    ElementType("f32", "float32", "int32", "float32"),
    ElementType("bf16", "bfloat16", "int16", "float32"),
    ElementType("f16", "float16", "int16", "float32"),
    ElementType("f64", "float64", "int64", "float64"),
  )
}


def load_torch() -> None:
  """Imports PyTorch, or raises Skipped."""
  global torch
  # Without NumPy, which nothing here needs, PyTorch warns on first use.
  warnings.filterwarnings("ignore", message="Failed to initialize NumPy")
  install = "install PyTorch 1.13 or newer: pip install torch, or apt install python3-torch"
  try:
    import torch as imported
  except (ImportError, OSError) as error:
    raise Skipped(f"cannot import torch ({error}); {install}") from None
  release = tuple(int(part) for part in str(imported.__version__).split(".")[:2])
  if release < (1, 13):
    raise Skipped(f"torch is {imported.__version__}; {install}")
  torch = imported


# libjdropout -------------------------------------------------------------------------------------


def library_candidates() -> list[pathlib.Path]:
  """Returns where the build leaves libjdropout."""
  system = platform.system().lower()
  name = {"darwin": "libjdropout.dylib", "windows": "jdropout.dll"}.get(system, "libjdropout.so")
  machine = platform.machine().lower().replace("amd64", "x86_64")
  packaged = ROOT / "target/classes/io/github/jdropout/native" / f"{system}-{machine}"
  return [ROOT / "target/native" / name, packaged / name]


def find_library() -> pathlib.Path:
  """Returns the first candidate that exists, or raises Skipped."""
  candidates = library_candidates()
  for candidate in candidates:
    if candidate.is_file():
      return candidate
  raise Skipped(
    f"no libjdropout at {' or '.join(map(str, candidates))}; build it in {ROOT}: "
    "cmake -S native -B target/native && cmake --build target/native"
  )


class Library:
  """libjdropout through ctypes, which releases Python's global lock during a call."""

  def __init__(self, path: pathlib.Path) -> None:
    self.path = path
    try:
      self._dll = ctypes.CDLL(str(path))
      version = self._query("jdropout_abi_version", ctypes.c_int32)
      if version != ABI_VERSION:
        raise Failed(f"{path} has ABI version {version}, this script needs {ABI_VERSION}")
      self._declare()
    except (OSError, AttributeError) as error:
      raise Failed(f"{path} is no libjdropout that runs here: {error}") from None
    self.isa = self._query("jdropout_isa", ctypes.c_char_p).decode()
    self.features = self._query("jdropout_features", ctypes.c_char_p).decode()
    self.streaming_bytes = self._query("jdropout_streaming_bytes", ctypes.c_uint64)

  def _query(self, name: str, result: Any) -> Any:
    """Calls a function without parameters."""
    function = getattr(self._dll, name)
    function.restype = result
    function.argtypes = []
    return function()

  def _declare(self) -> None:
    """Declares the functions that return a status."""
    u64, u32, pointer = ctypes.c_uint64, ctypes.c_uint32, ctypes.c_void_p
    self.mask = self._operation("jdropout_mask", [ctypes.c_double, u64, u64, u64, pointer, u64])
    self.forward = {
      name: self._operation(
        f"jdropout_forward_{name}",
        [ctypes.c_double, u32, u64, u64, u64, pointer, pointer, u64],
      )
      for name in ELEMENT_TYPES
    }

  def _operation(self, name: str, parameters: list[Any]) -> Any:
    """Returns a function whose every call checks the status."""
    function = getattr(self._dll, name)
    function.restype = ctypes.c_int32
    function.argtypes = parameters
    function.errcheck = self._check_status
    return function

  def _check_status(self, status: int, function: Any, arguments: Any) -> int:
    """Raises for a status other than JDROPOUT_OK."""
    if status != 0:
      reason = self._query("jdropout_last_error", ctypes.c_char_p).decode()
      raise Failed(f"{function.__name__} returned {status}: {reason}")
    return status


def slices(count: int, threads: int) -> list[tuple[int, int]]:
  """Returns (first element, element count) of each thread's part."""
  parts = max(1, min(threads, count // MIN_SLICE))
  grain = -(-count // parts)
  grain = -(-grain // SLICE_ALIGNMENT) * SLICE_ALIGNMENT
  return [(first, min(grain, count - first)) for first in range(0, count, grain)]


class DropoutCall:
  """One application of libjdropout to a whole tensor, on one or several threads."""

  def __init__(
    self, bench: Bench, kind: ElementType, source: Tensor, target: Tensor, threads: int
  ) -> None:
    # The calls hold plain addresses.
    self._alive = (source, target)
    self._pool = bench.pool
    width, count = source.element_size(), source.numel()
    # The library sees a slice only, and would take a large tensor's for a small tensor.
    flags = FLAG_STREAMING if count * width >= bench.library.streaming_bytes else 0
    self._calls = [
      functools.partial(
        bench.library.forward[kind.name], bench.p, flags, SEED, STREAM, first,
        source.data_ptr() + first * width, target.data_ptr() + first * width, length,
      )
      for first, length in slices(count, threads)
    ]

  def __call__(self) -> None:
    others = [self._pool.submit(call) for call in self._calls[1:]]
    # The caller does its part too, as OpenMP's does for PyTorch.
    self._calls[0]()
    for other in others:
      other.result()


# Checks ------------------------------------------------------------------------------------------


def keep_threshold(p: float) -> int:
  """Returns T: an element is kept with probability T / 65536."""
  return min(max(round((1.0 - p) * 65536.0), 1), 65535)


def keep_bits(library: Library, p: float, first: int, count: int) -> Tensor:
  """Returns the packed mask of libjdropout as booleans."""
  packed = torch.empty((count + 7) // 8, dtype=torch.uint8)
  library.mask(p, SEED, STREAM, first, packed.data_ptr(), count)
  weights = torch.tensor([1 << bit for bit in range(8)], dtype=torch.uint8)
  return ((packed.unsqueeze(1) & weights) != 0).flatten()[:count]


def expected_bits(library: Library, kind: ElementType, p: float, x: Tensor, first: int) -> Tensor:
  """Returns the bits of x * scale where the mask says keep, and of +0 elsewhere."""
  arithmetic = getattr(torch, kind.arithmetic)
  scale = torch.tensor(65536.0 / keep_threshold(p), dtype=arithmetic)
  bits = (x.to(arithmetic) * scale).to(x.dtype).view(getattr(torch, kind.bits))
  return torch.where(keep_bits(library, p, first, x.numel()), bits, torch.zeros_like(bits))


def require_bits(what: str, kind: ElementType, actual: Tensor, expected: Tensor) -> None:
  """Fails unless the output has exactly the expected bits."""
  actual = actual.view(getattr(torch, kind.bits))
  if not torch.equal(actual, expected):
    index = int((actual != expected).nonzero()[0])
    raise Failed(
      f"{what}, {kind.name}: element {index} has the bits {int(actual[index])}, "
      f"not {int(expected[index])}"
    )


def require_fraction(what: str, kept: int, count: int, probability: float) -> None:
  """Fails if the kept elements are more than six standard deviations off."""
  allowed = 6.0 * math.sqrt(probability * (1.0 - probability) * count) + 1.0
  if abs(kept - probability * count) > allowed:
    raise Failed(f"{what} kept {kept} of {count} elements, expected about {probability:g} of them")


def check_known_masks(library: Library) -> int:
  """Compares jdropout_mask with the masks of the contract; returns how many."""
  try:
    lines = KNOWN_ANSWERS.read_text(encoding="utf-8").splitlines()
  except OSError as error:
    raise Failed(f"cannot read the known answers: {error}") from None
  masks = [line.split(" ")[1:] for line in lines if line.startswith("mask ")]
  if not masks:
    raise Failed(f"{KNOWN_ANSWERS} has no mask")
  for seed, stream, first, p, keep in masks:
    buffer = ctypes.create_string_buffer(8)
    library.mask(float(p), int(seed, 16), int(stream, 16), int(first, 16), buffer, 64)
    actual = int.from_bytes(buffer.raw, "little")
    if actual != int(keep, 16):
      raise Failed(f"mask {seed} {stream} {first} {p} is {actual:016x}, expected {keep}")
  return len(masks)


def check_values(library: Library, kind: ElementType, p: float) -> None:
  """Checks libjdropout's output, special values and an odd start and length included."""
  count, first = 100_003, 12_345
  x = torch.randn(count).to(getattr(torch, kind.values))
  special = torch.tensor([-0.0, math.inf, -math.inf, 1e-40, 6e-8, -65504.0, 3e38])
  # Enough copies that some are kept and some dropped.
  x[:7000] = special.repeat(1000).to(x.dtype)
  output = torch.empty_like(x)
  library.forward[kind.name](p, 0, SEED, STREAM, first, x.data_ptr(), output.data_ptr(), count)
  require_bits("libjdropout", kind, output, expected_bits(library, kind, p, x, first))


def check_torch(kind: ElementType, p: float) -> None:
  """Checks how much PyTorch keeps, in place and not."""
  count = 1 << 18
  x = torch.ones(count, dtype=getattr(torch, kind.values))
  for inplace in (False, True):
    output = torch.nn.functional.dropout(x, p, True, inplace)
    require_fraction(
      f"PyTorch, {kind.name}, inplace={inplace}", int((output != 0).sum()), count, 1.0 - p
    )


def check_split(bench: Bench, kind: ElementType, tensors: Tensors, threads: int) -> None:
  """Checks the very calls that are timed: into another buffer and in place."""
  expected = expected_bits(bench.library, kind, bench.p, tensors.x, 0)
  kept = int((expected != 0).sum())
  require_fraction("libjdropout", kept, expected.numel(), keep_threshold(bench.p) / 65536.0)
  DropoutCall(bench, kind, tensors.x, tensors.output, threads)()
  require_bits(f"libjdropout, {threads} threads", kind, tensors.output, expected)
  tensors.refill()
  DropoutCall(bench, kind, tensors.own, tensors.own, threads)()
  require_bits(f"libjdropout in place, {threads} threads", kind, tensors.own, expected)


# Cases -------------------------------------------------------------------------------------------


class Tensors:
  """The tensors of one type and size, shared by all cases."""

  def __init__(self, kind: ElementType, count: int) -> None:
    dtype = getattr(torch, kind.values)
    try:
      # No zero, so that an output's zeros are the dropped elements; nothing subnormal, which the
      # processor would be slow on.
      self.x = (torch.rand(count) + 0.5).to(dtype)
      self.gradient = (torch.rand(count) + 0.5).to(dtype)
      self.leaf = self.x.detach().requires_grad_()
      # Zeros and not empty: the first write to a new page is not what is measured.
      self.own, self.noise, self.output, self.input_gradient = (
        torch.zeros_like(self.x) for _ in range(4)
      )
    except RuntimeError as error:
      reason = str(error).splitlines()[0]
      raise Failed(f"cannot allocate tensors of {count} {kind.name}: {reason}") from None

  def refill(self) -> None:
    """Undoes what calls in place did."""
    self.own.copy_(self.x)


@dataclass
class Case:
  """Something to time, and its times."""

  task: str
  name: str
  action: Action
  refill: Optional[Action] = None
  calls: int = 1
  seconds: list[float] = field(default_factory=list)

  def calibrate(self, seconds: float) -> None:
    """Chooses how many calls a sample has."""
    self.action()
    start = time.perf_counter()
    self.action()
    elapsed = time.perf_counter() - start
    self.calls = min(max(1, math.ceil(seconds / max(elapsed, 1e-7))), MAX_CALLS)

  def sample(self, settle: float) -> None:
    """Adds the mean time of some calls."""
    if self.refill is not None:
      # Else it would see ever more zeros.
      self.refill()
    time.sleep(settle)
    if self.calls > 1:
      # Brings the case's data into the cache. Where one call fills the sample it matters little.
      self.action()
    action = self.action
    start = time.perf_counter()
    for _ in range(self.calls):
      action()
    self.seconds.append((time.perf_counter() - start) / self.calls)


def torch_forward(t: Tensors, p: float) -> Action:
  """PyTorch's dropout as models call it: allocates the output and the noise."""
  return lambda: torch.nn.functional.dropout(t.x, p, True)


def torch_inplace(t: Tensors, p: float) -> Action:
  """PyTorch's dropout in place: allocates the noise."""
  return lambda: torch.nn.functional.dropout(t.own, p, True, True)


def torch_reused(t: Tensors, p: float) -> Action:
  """What PyTorch's dropout does, written out with no allocation at all: its best case."""

  def action() -> None:
    t.noise.bernoulli_(1.0 - p).div_(1.0 - p)
    torch.mul(t.x, t.noise, out=t.output)

  return action


def torch_native(t: Tensors, p: float) -> Action:
  """The operator with a boolean mask, which PyTorch's CPU dropout does not use."""
  return lambda: torch.native_dropout(t.x, p, True)


def torch_backward(t: Tensors, p: float) -> Action:
  """Autograd through PyTorch's dropout: the gradient times the stored noise."""
  y = torch.nn.functional.dropout(t.leaf, p, True)
  return lambda: torch.autograd.grad(y, t.leaf, t.gradient, retain_graph=True)


def torch_native_backward(t: Tensors, p: float) -> Action:
  """The backward operator of native_dropout."""
  _, mask = torch.native_dropout(t.x, p, True)
  operator = torch.ops.aten.native_dropout_backward
  return lambda: operator(t.gradient, mask, 1.0 / (1.0 - p))


def torch_both(t: Tensors, p: float) -> Action:
  """A training step's forward and backward pass."""

  def action() -> None:
    y = torch.nn.functional.dropout(t.leaf, p, True)
    torch.autograd.grad(y, t.leaf, t.gradient)

  return action


BASELINE = "torch dropout"
IN_PLACE = "torch in place"
COPY = "copy_"

TORCH_CASES: list[tuple[str, str, Callable[[Tensors, float], Action]]] = [
  ("forward", BASELINE, torch_forward),
  ("forward", IN_PLACE, torch_inplace),
  ("forward", "torch buffers reused", torch_reused),
  ("forward", "torch native_dropout", torch_native),
  ("backward", BASELINE, torch_backward),
  ("backward", "torch native_dropout", torch_native_backward),
  ("both", BASELINE, torch_both),
]


def torch_refusals(kind: ElementType, p: float) -> dict[tuple[str, str], str]:
  """Returns the cases that this PyTorch cannot run with the type, and why."""
  refusals = {}
  tiny = Tensors(kind, 64)
  for task, name, factory in TORCH_CASES:
    try:
      factory(tiny, p)()
    except (RuntimeError, AttributeError) as error:
      refusals[task, name] = str(error).splitlines()[0]
  return refusals


def jdropout_cases(bench: Bench, kind: ElementType, t: Tensors, threads: int) -> list[Case]:
  """Returns libjdropout's cases, all of which write to buffers that exist."""
  forward = DropoutCall(bench, kind, t.x, t.output, threads)
  inplace = DropoutCall(bench, kind, t.own, t.own, threads)
  backward = DropoutCall(bench, kind, t.gradient, t.input_gradient, threads)

  def both() -> None:
    forward()
    backward()

  return [
    Case("forward", "jdropout", forward),
    Case("forward", "jdropout in place", inplace, t.refill),
    Case("backward", "jdropout", backward),
    Case("both", "jdropout", both),
  ]


def all_cases(
  bench: Bench, kind: ElementType, t: Tensors, threads: int, refused: dict[tuple[str, str], str]
) -> list[Case]:
  """Returns the cases of one row group, in the order of the tasks."""
  cases = [Case("forward", COPY, lambda: t.output.copy_(t.x))]
  for task, name, factory in TORCH_CASES:
    if (task, name) not in refused:
      refill = t.refill if factory is torch_inplace else None
      cases.append(Case(task, name, factory(t, bench.p), refill))
  cases += jdropout_cases(bench, kind, t, threads)
  order = ["forward", "backward", "both"]
  return sorted(cases, key=lambda case: order.index(case.task))


# Measurement -------------------------------------------------------------------------------------


@dataclass
class Bench:
  """What all cases of a run share."""

  library: Library
  p: float
  pool: concurrent.futures.ThreadPoolExecutor
  samples: int
  sample_seconds: float


def interleave(cases: list[Case], samples: int, settle: float) -> None:
  """Takes a sample of every case in turn, so that a slow moment of the machine meets them all."""
  gc.collect()
  gc.disable()
  try:
    for turn in range(samples):
      start = turn % len(cases)
      for case in cases[start:] + cases[:start]:
        case.sample(settle)
  finally:
    gc.enable()


def ratio(case: Case, other: Optional[Case]) -> Optional[float]:
  """Returns how many times as fast a case is: the median over the turns, in which both ran."""
  if other is None:
    return None
  return statistics.median(theirs / own for own, theirs in zip(case.seconds, other.seconds))


def results_of(kind: ElementType, count: int, threads: int, cases: list[Case]) -> list[dict]:
  """Returns the rows of a group."""
  by_name = {(case.task, case.name): case for case in cases}
  rows = []
  for case in cases:
    rates = [count / seconds / 1e9 for seconds in case.seconds]
    own = case.name.startswith("jdropout")
    used = len(slices(count, threads)) if own else threads
    # A pass forward and a pass backward have no copy to compare with: they are two.
    copy = None if case.task == "both" else by_name["forward", COPY]
    rows.append(
      {
        "type": kind.name,
        "elements": count,
        "threads": threads,
        "threads_used_at_most": used,
        "task": case.task,
        "case": case.name,
        "gelem_per_s": {
          "median": statistics.median(rates), "min": min(rates), "max": max(rates),
        },
        "times_as_fast_as": {
          "torch": ratio(case, by_name.get((case.task, BASELINE))),
          "torch_in_place": ratio(case, by_name.get((case.task, IN_PLACE))),
          "copy": ratio(case, copy),
        },
        "calls_per_sample": case.calls,
        "seconds_per_call": case.seconds,
      }
    )
  return rows


def measure_group(
  bench: Bench, kind: ElementType, t: Tensors, threads: int, refused: dict[tuple[str, str], str]
) -> list[dict]:
  """Checks and times all cases of one type, size and thread count."""
  torch.set_num_threads(threads)
  check_split(bench, kind, t, threads)
  cases = all_cases(bench, kind, t, threads, refused)
  for case in cases:
    case.calibrate(bench.sample_seconds)
  quick = bench.samples < MIN_SAMPLES
  interleave(cases, bench.samples, SETTLE_SECONDS if threads > 1 and not quick else 0.0)
  return results_of(kind, t.x.numel(), threads, cases)


def measure(bench: Bench, options: argparse.Namespace) -> tuple[list[dict], list[str]]:
  """Returns all rows, and what this PyTorch cannot do."""
  rows: list[dict] = []
  remarks: list[str] = []
  for kind in options.types:
    check_values(bench.library, kind, bench.p)
    refused = torch_refusals(kind, bench.p)
    remarks += [f"{kind.name} {' '.join(key)}: {why}" for key, why in refused.items()]
    if ("forward", BASELINE) not in refused:
      check_torch(kind, bench.p)
    for count in options.sizes:
      t = Tensors(kind, count)
      for threads in options.threads:
        progress(f"{kind.name} {size_text(count)} threads {threads}")
        rows += measure_group(bench, kind, t, threads, refused)
  return rows, remarks


# Reports -----------------------------------------------------------------------------------------


def progress(text: str) -> None:
  """Tells a person at a terminal what is running."""
  if sys.stderr.isatty():
    print(f"... {text}", file=sys.stderr)


def size_text(count: int) -> str:
  """Returns 2^k for a power of two."""
  return f"2^{count.bit_length() - 1}" if count & (count - 1) == 0 else str(count)


def usable_cores() -> int:
  """Returns how many cores this process may use."""
  try:
    return len(os.sched_getaffinity(0))
  except AttributeError:
    return os.cpu_count() or 1


def cpu_model() -> str:
  """Returns the processor's name as the system gives it."""
  try:
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
      if line.startswith("model name"):
        return line.split(":", 1)[1].strip()
  except OSError:
    pass
  return platform.processor() or platform.machine()


def machine(library: Library) -> dict[str, Any]:
  """Returns what the figures depend on."""
  capability = getattr(getattr(torch.backends, "cpu", None), "get_cpu_capability", None)
  return {
    "cpu": cpu_model(),
    "cores": usable_cores(),
    "system": platform.system() + " " + platform.release().split("-")[0],
    "isa": library.isa,
    "features": library.features,
    "torch": str(torch.__version__),
    # Some builds with MKL draw the mask with it, on Intel's processors; see NOTES.
    "torch_mkl": bool(torch.backends.mkl.is_available()),
    "torch_cpu_capability": capability() if capability else None,
    "torch_config": torch.__config__.show(),
    "python": platform.python_version(),
    "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
  }


def number(value: Optional[float]) -> str:
  """Returns three digits, or a dash for none."""
  if value is None:
    return "-"
  return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def table(rows: list[dict]) -> str:
  """Returns the rows as aligned text."""
  lines = [
    ("type", "size", "threads", "task", "case", "Gelem/s", "min", "max", "x torch", "x in place",
     "x copy")
  ]
  for row in rows:
    rate, times = row["gelem_per_s"], row["times_as_fast_as"]
    lines.append(
      (
        row["type"], size_text(row["elements"]), str(row["threads"]), row["task"], row["case"],
        f"{rate['median']:.3f}", f"{rate['min']:.3f}", f"{rate['max']:.3f}",
        number(times["torch"]), number(times["torch_in_place"]), number(times["copy"]),
      )
    )
  widths = [max(map(len, column)) for column in zip(*lines)]
  text = {0, 3, 4}
  return "\n".join(
    "  ".join(
      cell.ljust(width) if index in text else cell.rjust(width)
      for index, (cell, width) in enumerate(zip(line, widths))
    ).rstrip()
    for line in lines
  )


NOTES = f"""\
Gelem/s: median, min and max of the samples; "both" counts an element once for its two passes.
x torch, x in place, x copy: how many times as fast as "{BASELINE}" of the same task, as
"{IN_PLACE}" and as copy_; the median over the turns, in each of which every case ran.
{BASELINE}: torch.nn.functional.dropout(x, p, training=True) allocates an output and the noise
on each call; its backward is torch.autograd.grad, with the noise that the forward pass stored.
{IN_PLACE}: the same with inplace=True; allocates the noise. "torch buffers reused" is the same
arithmetic by hand, with no allocation. torch native_dropout is an operator with a boolean mask,
and its backward native_dropout_backward, which PyTorch's CPU dropout does not call.
jdropout: writes to a reused buffer; backward is the same call and draws the mask again. Below
{2 * MIN_SLICE} elements it runs on one thread, also where PyTorch may use more.
PyTorch draws its noise on one thread, whatever the threads. Only builds with MKL on Intel's
processors used MKL for it, with all threads, until pytorch/pytorch#146174 turned that off in 2025:
a figure from one kind of processor and build says nothing about the other."""


def print_report(report: dict[str, Any]) -> None:
  """Prints the table and what is needed to read it."""
  about = report["machine"]
  mkl = "with" if about["torch_mkl"] else "WITHOUT"
  print(f"{about['cpu']}, {about['cores']} cores; {about['date']}")
  print(f"torch {about['torch']} {mkl} MKL, Python {about['python']}; libjdropout: {about['isa']}")
  print(f"p = {report['p']:g}, {report['samples']} samples a case, {report['checked']}\n")
  print(table(report["results"]), end="\n\n")
  print(NOTES)
  for remark in report["unsupported"]:
    print(f"not in this PyTorch: {remark}")


def write_json(path: pathlib.Path, report: dict[str, Any]) -> None:
  """Writes the whole report, every sample included."""
  try:
    path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
  except OSError as error:
    raise Failed(f"cannot write {path}: {error}") from None


# Serving -----------------------------------------------------------------------------------------

# A slow case gets fewer samples than asked for.
SERVED_SECONDS = 10.0
SERVED_LEAST_SAMPLES = 5

SERVED_PEERS = ["PyTorch", "PyTorch compiled"]


def say(message: dict[str, Any]) -> None:
  """Writes a line of JSON."""
  print(json.dumps(message), flush=True)


def served_action(peer: str, operation: str, t: Tensors, p: float) -> tuple[Action, int]:
  """Returns a call and how often it reads, and writes, a tensor; raises Skipped for others."""
  dropout = torch.nn.functional.dropout
  compiled = peer == "PyTorch compiled"
  if operation == "forward" and compiled:
    function = torch.compile(lambda x: dropout(x, p, True))
    return lambda: function(t.x), 1
  if operation == "forward and backward" and compiled:
    function = torch.compile(lambda x: dropout(x, p, True))
    return lambda: torch.autograd.grad(function(t.leaf), t.leaf, t.gradient), 2
  eager = {
    "forward": (torch_forward, 1),
    "in place": (torch_inplace, 1),
    "backward": (torch_backward, 1),
    "forward and backward": (torch_both, 2),
  }
  if peer != "PyTorch" or operation not in eager:
    raise Skipped(f"{peer} has no {operation}")
  factory, passes = eager[operation]
  return factory(t, p), passes


def served_check(operation: str, action: Action, t: Tensors, p: float) -> None:
  """Checks that a forward pass drops the share p and scales the rest."""
  if operation != "forward":
    return
  y = action()
  dropped = int((y == 0).sum())
  require_fraction("dropped elements", dropped, y.numel(), p)
  if 0.0 < p < 1.0 and dropped < y.numel():
    kept = y != 0
    worst = float((y[kept].double() * (1 - p) / t.x[kept].double() - 1).abs().max())
    if worst > 0.01:
      raise Failed(f"scale is off by {worst:.4f}")


def answer(question: dict[str, Any]) -> dict[str, Any]:
  """Checks and times one case beside a copy of as many bytes."""
  kind = ELEMENT_TYPES[question["type"]]
  torch.set_num_threads(question["threads"])
  t = Tensors(kind, question["elements"])
  p = question["p"]
  action, passes = served_action(question["peer"], question["operation"], t, p)
  served_check(question["operation"], action, t, p)

  def copies() -> None:
    for _ in range(passes):
      t.output.copy_(t.x)

  refill = t.refill if question["operation"] == "in place" else None
  case = Case("served", question["peer"], action, refill)
  copy = Case("served", COPY, copies)
  for each in (case, copy):
    each.calibrate(0.0 if question["isQuick"] else SAMPLE_SECONDS)
  settle = SETTLE_SECONDS if question["threads"] > 1 and not question["isQuick"] else 0.0
  start = time.perf_counter()
  for turn in range(question["samples"]):
    if turn >= SERVED_LEAST_SAMPLES and time.perf_counter() - start > SERVED_SECONDS:
      break
    interleave([case, copy], 1, settle)
  moved = passes * t.x.numel() * t.x.element_size()
  return {
    "nanosPerCall": [seconds * 1e9 for seconds in case.seconds],
    "copyNanosPerCall": [seconds * 1e9 for seconds in copy.seconds],
    "bytesRead": moved,
    "bytesWritten": moved,
  }


def serve() -> None:
  """Answers questions of standard input, a line of JSON each, until it ends."""
  try:
    load_torch()
  except Skipped as reason:
    say({"peers": [], "version": "", "absent": {name: str(reason) for name in SERVED_PEERS}})
    return
  torch.manual_seed(SEED)
  peers, absent = SERVED_PEERS[:1], {}
  if hasattr(torch, "compile"):
    peers = SERVED_PEERS
  else:
    absent[SERVED_PEERS[1]] = f"torch {torch.__version__} has no torch.compile"
  say({"peers": peers, "version": f"torch {torch.__version__}", "absent": absent})
  for line in sys.stdin:
    try:
      say(answer(json.loads(line)))
    except Exception as error:  # Whatever stops a case, torch.compile's errors among it.
      text = str(error).strip() or type(error).__name__
      say({"notRun": text.splitlines()[0]})


# Options -----------------------------------------------------------------------------------------


def parse_size(text: str) -> int:
  """Reads 65536 or 2^16."""
  base, power, exponent = text.strip().partition("^")
  try:
    if power and not (base == "2" and 0 <= int(exponent) <= 27):
      raise ValueError
    count = 1 << int(exponent) if power else int(base)
  except ValueError:
    raise argparse.ArgumentTypeError(f"{text!r} is no size from 2^10 to 2^27") from None
  if not 1024 <= count <= 1 << 27:
    raise argparse.ArgumentTypeError(f"a size is from 2^10 to 2^27, not {text}")
  return count


def parse_sizes(text: str) -> list[int]:
  """Reads sizes separated by commas."""
  return [parse_size(part) for part in text.split(",")]


def parse_types(text: str) -> list[ElementType]:
  """Reads element types separated by commas."""
  names = text.split(",")
  for name in names:
    if name not in ELEMENT_TYPES:
      raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(ELEMENT_TYPES)}")
  return [ELEMENT_TYPES[name] for name in names]


def parse_threads(text: str) -> list[int]:
  """Reads thread counts separated by commas; all is every core."""
  counts = []
  for part in text.split(","):
    if part != "all" and not (part.isdecimal() and 1 <= int(part) <= 1024):
      raise argparse.ArgumentTypeError(f"{part!r} is no thread count; give 1 to 1024, or all")
    counts.append(usable_cores() if part == "all" else int(part))
  return list(dict.fromkeys(counts))


def parse_p(text: str) -> float:
  """Reads a probability for which there is something to measure."""
  try:
    p = float(text)
  except ValueError:
    p = math.nan
  if not 0.0 < p < 1.0:
    raise argparse.ArgumentTypeError(f"p is above 0 and below 1, not {text}")
  return p


def parse_samples(text: str) -> int:
  """Reads how many samples to take."""
  if not text.isdecimal() or int(text) < MIN_SAMPLES:
    raise argparse.ArgumentTypeError(f"at least {MIN_SAMPLES} samples, not {text}")
  return int(text)


def parse_library(text: str) -> pathlib.Path:
  """Reads the path of a library that exists: one that was asked for is never skipped."""
  path = pathlib.Path(text).resolve()
  if not path.is_file():
    raise argparse.ArgumentTypeError(f"there is no file {text}")
  return path


def parse_output(text: str) -> pathlib.Path:
  """Reads where to write; refuses a missing folder now and not after the measurement."""
  path = pathlib.Path(text)
  if path.is_dir() or not path.parent.is_dir():
    raise argparse.ArgumentTypeError(f"cannot write a file {text}")
  return path


def parse_options(arguments: list[str]) -> argparse.Namespace:
  """Reads the command line; exits with status 2 where it is wrong."""
  parser = argparse.ArgumentParser(
    description="Measures libjdropout beside PyTorch's CPU dropout.",
    epilog="Exit status: 0 done, 1 a check failed, 2 bad options, 77 skipped.",
  )
  add = parser.add_argument
  add("--library", type=parse_library, metavar="FILE", help="libjdropout; default: the build's")
  add("--sizes", type=parse_sizes, metavar="N,...", help="elements; default: 2^16,2^24")
  add("--types", type=parse_types, default="f32,bf16,f16,f64", metavar="TYPE,...",
      help="default: %(default)s")
  add("--threads", type=parse_threads, default="1,all", metavar="N,...",
      help="default: %(default)s")
  add("--p", type=parse_p, default="0.1", help="probability of dropping; default: %(default)s")
  add("--samples", type=parse_samples, default=str(MIN_SAMPLES), metavar="N",
      help="samples a case; default and least: %(default)s")
  add("--json", type=parse_output, metavar="FILE", help="write all results and samples")
  add("--quick", action="store_true",
      help="run each case briefly and check outputs only: no figures")
  add("--serve", action="store_true",
      help="answer questions of standard input, for jdropout bench")
  options = parser.parse_args(arguments)
  if options.sizes is None:
    # The larger of the quick sizes is one that is split.
    options.sizes = [1 << 12, 2 * MIN_SLICE] if options.quick else [1 << 16, 1 << 24]
  if options.quick:
    options.samples = QUICK_SAMPLES
  return options


def run(options: argparse.Namespace) -> None:
  """Checks, measures and reports."""
  load_torch()
  library = Library(options.library or find_library())
  torch.manual_seed(SEED)
  masks = check_known_masks(library)
  seconds = 0.0 if options.quick else SAMPLE_SECONDS
  with concurrent.futures.ThreadPoolExecutor(max(options.threads)) as pool:
    bench = Bench(library, options.p, pool, options.samples, seconds)
    rows, remarks = measure(bench, options)
  report = {
    "machine": machine(library),
    "library": str(library.path),
    "p": options.p,
    "samples": options.samples,
    "quick": options.quick,
    "checked": f"checked {masks} known masks, libjdropout's bits and how much PyTorch keeps",
    "unsupported": remarks,
    "results": rows,
  }
  if options.json:
    write_json(options.json, report)
  if options.quick:
    table(rows)  # So that CI runs it; figures this short would mislead.
    print(f"{report['checked']}; {len(rows)} cases ran, {len(remarks)} not in this PyTorch")
  else:
    print_report(report)


def main() -> int:
  """Returns the exit status."""
  options = parse_options(sys.argv[1:])
  if options.serve:
    serve()
    return 0
  try:
    run(options)
  except Skipped as reason:
    print(f"SKIPPED: {reason}")
    return EXIT_SKIPPED
  except Failed as reason:
    print(f"FAILED: {reason}", file=sys.stderr)
    return EXIT_FAILED
  return 0


if __name__ == "__main__":
  sys.exit(main())
