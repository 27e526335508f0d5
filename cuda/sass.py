"""Counts the instructions that a kernel executes, from its disassembly.

The count is of a path through the kernel's control flow, not of its text: of the shortest one that
makes every memory access of the main loop. What it leaves out is what a warp leaves out whose span
is whole and aligned: the one-element edges, and the copies of loops for lanes that have diverged
(the taken side of BRA.DIV).
"""

import collections
import re

# The factors of the two wide multiplications of a Philox round, as the disassembler writes them.
PHILOX_FACTORS = ("-0x2daee0ad", "0xd2511f53", "-0x326172a9", "0xcd9e8d57")

# Of a quad, the first round's multiplication of what all quads share left out.
QUAD = 19

# Numbers that only one activation has, as the disassembler writes them, one at least; SiLU has none.
ACTIVATIONS = {"gelu": ["0.1016019657"], "gelu_tanh": ["0.0713548138", "1.5957691669"]}

# An estimate, minus its error, its error, and the sum.
ROUNDED_RECIPROCAL = re.compile(
    r"MUFU\.RCP (R\d+), (R\d+); FFMA (R\d+), \2, \1, -1; FADD\.FTZ (R\d+), -\3, -RZ; FFMA R\d+, \1, \4, \1"
)

INSTRUCTION = re.compile(r"^\s+/\*([0-9a-f]{4,})\*/\s+(?:(@!?U?P[T0-9]+)\s+)?([A-Z][\w.]*)\s*(.*?)\s*;")
FUNCTION = re.compile(r"^\s*Function : (\w+)")

# What multiprocessors before compute capability 10.0 compute for 64 lanes a cycle, where they issue 128:
# additions, logic, comparisons, shifts and selections. (Multiplications too, elsewhere, at the same time.)
HALF_RATE = set(
    "BMSK FMNMX FSEL FSETP IADD3 IMNMX ISETP LEA LOP3 P2R PLOP3 PRMT R2P SEL SGXT SHF VIADD VIMNMX".split()
)

# Where they lead is not written in them. Kernels have them only where lanes have diverged.
DEAD_ENDS = ("BRX", "JMP", "JMX", "RET")

# sm_80 leaves loops by a call that never returns.
BRANCHES = ("BRA", "CALL")


class Instruction:
    """One line: its address, the predicate that guards it, its name and operands."""

    def __init__(self, address, guard, name, operands):
        self.address = address
        self.guard = guard
        self.name = name
        self.operands = operands

    def is_access(self, kind, size):
        """Whether it is LDG or STG of a size; a size of 32 bits is not written."""
        parts = self.name.split(".")
        sizes = [part for part in parts if part in ("128", "64", "U16", "S16", "U8", "S8")]
        return parts[0] == kind and (sizes or ["32"]) == [size]

    def is_philox_multiplication(self):
        return self.name.startswith(("IMAD.WIDE", "IMAD.HI", "UIMAD.WIDE")) and any(
            factor in self.operands for factor in PHILOX_FACTORS
        )


def parse(text):
    """Returns the instructions of each kernel in what cuobjdump --dump-sass prints."""
    kernels = {}
    for line in text.splitlines():
        function = FUNCTION.match(line)
        if function:
            instructions = kernels[function.group(1)] = []
            continue
        match = INSTRUCTION.match(line)
        if match:
            address, guard, name, operands = match.groups()
            instructions.append(Instruction(int(address, 16), guard, name, operands))
    return kernels


def successors(instructions):
    """Returns which instructions can come after each."""
    index_at = {instruction.address: i for i, instruction in enumerate(instructions)}
    result = []
    for i, instruction in enumerate(instructions):
        name = instruction.name.split(".")
        following = [i + 1] if i + 1 < len(instructions) else []
        if name[0] == "EXIT" or name[0] in DEAD_ENDS:
            result.append(following if instruction.guard else [])
        elif name[0] in BRANCHES and "DIV" not in name:
            *conditions, target = instruction.operands.replace("`(", "").rstrip(")").split(", ")
            is_conditional = instruction.guard or conditions
            result.append([index_at[int(target, 16)]] + (following if is_conditional else []))
        else:
            result.append(following)
    return result


def shortest_path(graph, start, is_end):
    """Returns the shortest path to an end, without its start; None if there is none."""
    came_from = {}
    queue = collections.deque([start])
    while queue:
        node = queue.popleft()
        for following in graph[node]:
            if following in came_from:
                continue
            came_from[following] = node
            if is_end(following):
                path = [following]
                while came_from[path[-1]] != start:
                    path.append(came_from[path[-1]])
                return path[::-1]
            queue.append(following)
    return None


def reachable(graph, start):
    seen = {start}
    stack = [start]
    while stack:
        for following in graph[stack.pop()]:
            if following not in seen:
                seen.add(following)
                stack.append(following)
    return seen


def natural_loop(graph, head, tail):
    """Returns the nodes from which the loop's tail is reached without its head, and the head."""
    before = collections.defaultdict(list)
    for node, nexts in enumerate(graph):
        for following in nexts:
            before[following].append(node)
    nodes = {head, tail}
    stack = [tail]
    while stack:
        node = stack.pop()
        if node == head:
            continue
        for previous in before[node]:
            if previous not in nodes:
                nodes.add(previous)
                stack.append(previous)
    return nodes


def main_loop(instructions, graph, is_store):
    """Returns head, tail and nodes of the innermost loop with the stores of whole spans."""
    live = reachable(graph, 0)
    loops = []
    for tail in live:
        for head in graph[tail]:
            if head > tail:
                continue
            nodes = natural_loop(graph, head, tail) & live
            if any(is_store(instructions[node]) for node in nodes):
                loops.append((len(nodes), head, tail, nodes))
    if not loops:
        raise ValueError("no loop with the stores of whole spans")
    return min(loops)[1:]


class Path:
    """What one thread executes, in the loop or from the kernel's entry to its end."""

    def __init__(self, instructions):
        self.instructions = len(instructions)
        # What issues as many instructions in the same time, if nothing else is in the way.
        halves = sum(i.name.split(".")[0] in HALF_RATE for i in instructions)
        self.slots = max(len(instructions), 2 * halves)
        self.philox = sum(i.is_philox_multiplication() for i in instructions)
        self.loads = sum(i.is_access("LDG", "128") for i in instructions)
        self.stores = sum(i.is_access("STG", "128") for i in instructions)


def through(graph, start, stops, is_end):
    """Returns the shortest path from start over all stops, in order, to an end."""
    path = [start]
    for stop in stops:
        if stop == path[-1]:
            continue
        piece = shortest_path(graph, path[-1], lambda node, stop=stop: node == stop)
        if piece is None:
            raise ValueError("no path makes all accesses of the loop")
        path += piece
    if is_end(path[-1]):
        return path
    end = shortest_path(graph, path[-1], is_end)
    if end is None:
        raise ValueError("the path does not end")
    return path + end


def paths(instructions, is_mask):
    """Returns the paths of one turn of the main loop, and of a thread that makes one turn."""
    graph = successors(instructions)

    def is_store(instruction):
        return instruction.is_access("STG", "32" if is_mask else "128")

    def is_stop(instruction):
        # Bytes are loaded by dropout_apply: the first of each quad's, the second under a predicate.
        return (
            is_store(instruction)
            or instruction.is_access("LDG", "128")
            or (instruction.is_access("LDG", "U8") and not instruction.guard)
        )

    head, tail, nodes = main_loop(instructions, graph, is_store)
    stops = sorted(node for node in nodes if is_stop(instructions[node]))
    turn = through(graph, head, stops, lambda node: node == tail)
    thread = through(graph, 0, stops, lambda node: instructions[node].name == "EXIT")
    return Path([instructions[i] for i in turn]), Path([instructions[i] for i in thread])


def by_activation(instructions, nodes, octet=8):
    """Returns the reciprocals of each activation in a loop: one for each of an octet's elements."""
    reciprocals = sorted(i for i in nodes if instructions[i].name == "MUFU.RCP")
    if len(reciprocals) != octet * (len(ACTIVATIONS) + 1):
        raise ValueError(f"{len(reciprocals)} reciprocals")
    groups = {"identity": []}
    for start in range(0, len(reciprocals), octet):
        group = reciprocals[start : start + octet]
        inside = "".join(i.operands + " " for i in instructions[group[0] : group[-1]])
        found = [
            name
            for name, numbers in ACTIVATIONS.items()
            if any(number in inside for number in numbers)
        ]
        groups[found[0] if found else "silu"] = group
    check_reciprocals(instructions, groups["gelu_tanh"] + groups["silu"])
    return groups


def check_reciprocals(instructions, starts):
    """Checks that rounded reciprocals are, in their range, what reciprocal in activation.cuh is made of."""
    for start in starts:
        block = instructions[start : start + 4]
        text = "; ".join(f"{each.name} {each.operands}" for each in block).replace(".reuse", "")
        if not ROUNDED_RECIPROCAL.fullmatch(text):
            raise ValueError(f"a rounded reciprocal is made of {text}")


def drawn_once(instructions, nodes):
    """
    Returns the multiplications that draw one quad for an octet. The kernels have a loop that draws one,
    or two where rows do not begin with one; of that loop the compiler has made a first turn and the
    others, and only the first is counted.
    """
    drawn = sorted(node for node in nodes if instructions[node].is_philox_multiplication())
    if len(drawn) not in (QUAD, 2 * QUAD):
        raise ValueError(f"{len(drawn)} multiplications draw an octet")
    return drawn[:QUAD]


def layer_paths(instructions):
    """
    Returns the path of one turn of a layer's loop over rows for each activation: the shortest that
    draws, loads an octet ahead and stores one; so without bias, residual and sums.
    """
    graph = successors(instructions)

    def is_store(instruction):
        return instruction.is_access("STG", "128")

    head, tail, nodes = main_loop(instructions, graph, is_store)
    needed = [i for i in nodes if is_store(instructions[i])] + drawn_once(instructions, nodes)
    loads = [i for i in nodes if instructions[i].is_access("LDG", "128")]
    result = {}
    for name, reciprocals in by_activation(instructions, nodes).items():
        turns = []
        for load in loads:
            try:
                stops = sorted(needed + reciprocals + [load])
                turns.append(through(graph, head, stops, lambda node: node == tail))
            except ValueError:
                continue  # This load does not come before what it is sorted before.
        if not turns:
            raise ValueError(f"no path for {name}")
        result[name] = Path([instructions[i] for i in min(turns, key=len)])
    return result


def product_path(instructions, octets, multiplications):
    """
    Returns the path of one turn of a dropped product's loop: the shortest that loads and draws octets,
    makes so many multiplications on tensor cores with what these need, and stores octets if it does. Rows
    begin with quads, which are drawn by code of their own that comes before the loops for other rows.
    """
    graph = successors(instructions)

    def is_multiplication(instruction):
        return instruction.name.startswith("HMMA")

    head, tail, nodes = main_loop(instructions, graph, is_multiplication)

    def found(is_wanted):
        return sorted(node for node in nodes if is_wanted(instructions[node]))

    drawn = found(Instruction.is_philox_multiplication)
    if len(drawn) != 3 * octets * QUAD:
        raise ValueError(f"{len(drawn)} multiplications draw {octets} octets in three ways")
    products = found(is_multiplication)[:multiplications]
    loads = found(lambda each: each.is_access("LDG", "128") or each.is_access("LDG", "32"))
    needed = [load for load in loads if load < products[-1]]
    stores = found(lambda each: each.is_access("STG", "128"))[:octets]
    stops = sorted(drawn[: octets * QUAD] + products + needed + stores)
    path = through(graph, head, stops, lambda node: node == tail)
    return Path([instructions[i] for i in path])
