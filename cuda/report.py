"""Prints what the kernels cost as Markdown; started by report.sh, which has assembled them.

Arguments: a folder with <operator>.sm_<architecture>.log, what ptxas -v says, and, where there is a
disassembler, <operator>.sm_<architecture>.sass; then what to do: print, check or update; then the
document with the report.
"""

import pathlib
import re
import sys

import sass

# What a thread may cost at most that makes one turn, in instructions per element.
LIMIT_KERNEL = "dropout_forward_f16"
LIMIT_ARCHITECTURE = 90
LIMIT = 14

BEGIN = "<!-- written by cuda/report.sh -->\n"
END = "<!-- end of what cuda/report.sh writes -->\n"

ELEMENT_BYTES = {"f32": 4, "f64": 8, "f16": 2, "bf16": 2}
MASK_ELEMENTS = 32

UNCOUNTED = ["dropout_advance_stream"] + [f"dropout_column_sums_{t}" for t in ELEMENT_BYTES]

# Of the layers' kernels: what a turn computes, and for which processors it is printed.
OCTET = 8
ACTIVATIONS = ["identity", "gelu", "gelu_tanh", "silu"]
LAYER_ARCHITECTURES = (89, 90)

# Of the dropped products: octets of a thread in a turn, and its multiplications on tensor cores for so many
# rows of weights.
PRODUCTS = {
    "dropout_product": (4, {8: 4, 16: 8, 32: 16}),
    "dropout_product_grad_weights": (4, {8: 8, 16: 8, 32: 16}),
    "dropout_product_grad_input": (2, {8: 8, 16: 8, 32: 8}),
}

RESOURCES = re.compile(
    r"Function properties for (\w+)\n"
    r"\s+(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads\n"
    r".*?Used (\d+) registers"
)


class Kernel:
    """A kernel on one architecture."""

    def __init__(self, name, resources):
        self.name = name
        self.stack, self.spill_stores, self.spill_loads, self.registers = resources
        self.turn = self.thread = None
        self.by_activation = {}
        self.by_weights = {}

    def spills(self):
        return self.stack + self.spill_stores + self.spill_loads > 0

    def count(self, instructions):
        try:
            self.count_paths(instructions)
        except ValueError as error:
            raise ValueError(f"{self.name}: {error}") from error

    def count_paths(self, instructions):
        if "_epilogue_" in self.name:
            self.by_activation = sass.layer_paths(instructions)
        elif "_product_" in self.name:
            # Older processors trap, and are never asked.
            if any(instruction.name.startswith("HMMA") for instruction in instructions):
                octets, multiplications = PRODUCTS[self.name.rsplit("_", 1)[0]]
                self.by_weights = {
                    weights: sass.product_path(instructions, octets, count)
                    for weights, count in multiplications.items()
                }
        # What a shared mask costs depends on its shape, and sums of columns are small.
        elif "_shared_" not in self.name and self.name not in UNCOUNTED:
            self.turn, self.thread = sass.paths(instructions, "_mask" in self.name)

    def elements(self):
        if "_mask" in self.name:
            return MASK_ELEMENTS
        element = next(part for part in self.name.split("_") if part in ELEMENT_BYTES)
        return self.turn.stores * 16 // ELEMENT_BYTES[element]

    def per_element(self, count):
        return count / self.elements()


def read(folder):
    """Returns the kernels of each architecture, by name."""
    report = {}
    for log in sorted(folder.glob("*.log")):
        operator, architecture = log.stem.split(".sm_")
        kernels = report.setdefault(int(architecture), {})
        found = RESOURCES.findall(log.read_text())
        if not found:
            raise ValueError(f"ptxas has said nothing of {operator}")
        listing = log.with_suffix(".sass")
        code = sass.parse(listing.read_text()) if listing.exists() else None
        for name, *resources in found:
            kernel = kernels[name] = Kernel(name, [int(each) for each in resources])
            if code is not None:
                kernel.count(code[name])
    return dict(sorted(report.items()))


def table(header, rows):
    lines = [header, ["---"] + ["---:"] * (len(header) - 1)] + rows
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def per_architecture(report, names, cell):
    header = ["kernel"] + [f"sm_{architecture}" for architecture in report]
    rows = [[f"`{name}`"] + [cell(kernels[name]) for kernels in report.values()] for name in names]
    return table(header, rows)


def render(report, tools):
    """Returns the report as Markdown."""
    first = next(iter(report.values()))
    names = sorted(first)
    spilling = [
        f"`{name}` on sm_{architecture}"
        for architecture, kernels in report.items()
        for name in names
        if kernels[name].spills()
    ]
    text = f"Made with {tools}.\n\n### Registers per thread\n\n"
    text += per_architecture(report, names, lambda kernel: str(kernel.registers))
    text += f"\nStack frames and spilled registers: {', '.join(spilling) or 'none'}.\n"
    counted = [name for name in names if first[name].turn]
    if not counted:
        return text + "\nThere was no disassembler, so instructions have not been counted.\n"

    def instructions(kernel):
        turn = kernel.per_element(kernel.turn.instructions)
        thread = kernel.per_element(kernel.thread.instructions)
        return f"{turn:.2f} / {thread:.2f}"

    text += "\n### Instructions per element\n\n"
    text += "In one turn of the main loop / of a thread that makes one turn, from entry to end.\n\n"
    text += per_architecture(report, counted, instructions)
    text += f"\n### What a thread does in one turn, on sm_{LIMIT_ARCHITECTURE}\n\n"
    header = ["kernel", "elements", "Philox multiplications", "per element"]
    header += ["16-byte loads", "16-byte stores"]
    rows = []
    for name in counted:
        kernel = report[LIMIT_ARCHITECTURE][name]
        philox = kernel.turn.philox
        row = [kernel.elements(), philox, f"{kernel.per_element(philox):.2f}"]
        row += [kernel.turn.loads, kernel.turn.stores]
        rows.append([f"`{name}`"] + [str(each) for each in row])
    return text + table(header, rows) + layers(report, names)


def layers(report, names):
    """Returns what the kernels of layers cost."""
    on = "on sm_" + " / sm_".join(map(str, LAYER_ARCHITECTURES)) + ".\n\n"
    text = "\n### Issue slots per element of layers\n\n"
    text += "The instructions, or twice those that run at half the rate if these are more. "
    text += f"In one turn of the loop over rows, without bias, residual and sums, {on}"
    text += per_case(report, names, ACTIVATIONS, lambda kernel: kernel.by_activation)
    text += "\n### Issue slots per element of dropped products\n\n"
    text += f"In one turn of the main loop, for so many rows of weights, where rows begin with quads, {on}"
    _, weights = PRODUCTS["dropout_product"]
    return text + per_case(report, names, weights, lambda kernel: kernel.by_weights)


def per_case(report, names, cases, paths):
    """Returns a table of those kernels that have paths, with a column for each case."""
    rows = []
    for name in names:
        kernels = [report[architecture][name] for architecture in LAYER_ARCHITECTURES]
        if not paths(kernels[0]):
            continue
        octets, _ = PRODUCTS.get(name.rsplit("_", 1)[0], (1, None))
        row = [f"`{name}`"]
        for case in cases:
            counts = [paths(kernel)[case].slots for kernel in kernels]
            row.append(" / ".join(f"{count / (octets * OCTET):.1f}" for count in counts))
        rows.append(row)
    return table(["kernel"] + [str(case) for case in cases], rows)


def section(document):
    """Returns what is before, in and after the part that is written here."""
    text = document.read_text()
    before, rest = text.split(BEGIN)
    inside, after = rest.split(END)
    return before + BEGIN, inside, END + after


def check(report, text, document):
    """Returns what is wrong, and prints what is not."""
    failures = []
    kernels = [(a, kernel) for a, by_name in report.items() for kernel in by_name.values()]
    for architecture, kernel in kernels:
        if kernel.spills():
            failures.append(f"{kernel.name} spills registers on sm_{architecture}")
    print(f"{len(kernels)} assemblies of {len(report[LIMIT_ARCHITECTURE])} kernels, for spills")
    limited = report[LIMIT_ARCHITECTURE][LIMIT_KERNEL]
    if limited.thread:
        cost = limited.per_element(limited.thread.instructions)
        print(f"{LIMIT_KERNEL} on sm_{LIMIT_ARCHITECTURE}: {cost:.2f} instructions per element")
        if cost > LIMIT:
            failures.append(f"more than {LIMIT} instructions per element")
    written = section(document)[1]
    if written.splitlines()[:1] != text.splitlines()[:1]:
        print(f"not compared with {document}, which other tools have made")
    elif written != text:
        failures.append(f"{document} is old: run cuda/report.sh --update {document}")
    return failures


def main(folder, action, document, tools):
    document = pathlib.Path(document)
    report = read(pathlib.Path(folder))
    text = render(report, tools)
    if action == "print":
        print(text, end="")
    elif action == "update":
        before, _, after = section(document)
        document.write_text(before + text + after)
    else:
        failures = check(report, text, document)
        for failure in failures:
            print(f"FAILED: {failure}")
        return 1 if failures else 0
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
