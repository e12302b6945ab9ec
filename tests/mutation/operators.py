"""Changes that cosmic-ray does not make itself and that matter here: filters, conditions, word lists, whole calls."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import parso
from cosmic_ray.operators.operator import Example, Operator

Node = Any
Span = tuple[tuple[int, int], tuple[int, int]]
_COMPARISONS: Final = (
    *("Eq_NotEq", "NotEq_Eq", "Is_IsNot", "IsNot_Is"),
    *("Lt_LtE", "Lt_Gt", "LtE_Lt", "LtE_Gt", "Gt_GtE", "Gt_Lt", "GtE_Gt", "GtE_Lt"),
)
_ARITHMETIC: Final = (
    *("Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "FloorDiv_Mul", "Mod_FloorDiv", "BitOr_BitAnd", "BitAnd_BitOr"),
)
# Each keeps one of the many replacements that cosmic-ray knows: the one nearest to a slip.
KEPT: Final = frozenset(
    f"core/{name}"
    for name in (
        "AddNot",
        "ReplaceTrueWithFalse",
        "ReplaceFalseWithTrue",
        "ReplaceAndWithOr",
        "ReplaceOrWithAnd",
        "ReplaceBreakWithContinue",
        "ReplaceContinueWithBreak",
        "ExceptionReplacer",
        "NumberReplacer",
        "RemoveDecorator",
        "ZeroIterationForLoop",
        "ReplaceUnaryOperator_Delete_Not",
        "ReplaceUnaryOperator_Delete_USub",
        "ReplaceUnaryOperator_Delete_Invert",
        *(f"ReplaceComparisonOperator_{pair}" for pair in _COMPARISONS),
        *(f"ReplaceBinaryOperator_{pair}" for pair in _ARITHMETIC),
    )
)


class _NodeOperator(Operator):
    """Change each node that `find` accepts, once for each span it yields."""

    def find(self, node: Node) -> Iterator[Span]:
        raise NotImplementedError

    def mutation_positions(self, node: Node) -> Iterable[Span]:
        return self.find(node)

    @classmethod
    def examples(cls) -> Iterable[Example]:
        return ()


def _parse(code: str) -> Node:
    return parso.parse(code)


def _is_call(node: Node) -> bool:
    """Whether a statement is a call, or sets an attribute or an item: something done for its effect."""
    if node.type == "atom_expr":
        return bool(node.children[-1].type == "trailer" and node.children[-1].children[0].value == "(")
    return bool(node.type == "expr_stmt" and node.children[0].type == "atom_expr")


class RemoveStatement(_NodeOperator):
    """Leave out a call that is made for its effect, a raise, or a value set on an object."""

    def find(self, node: Node) -> Iterator[Span]:
        if node.type == "simple_stmt" and (_is_call(node.children[0]) or node.children[0].type == "raise_stmt"):
            yield node.children[0].start_pos, node.children[0].end_pos

    def mutate(self, node: Node, index: int) -> Node:
        node.children[0] = _parse(f"{node.children[0].get_first_leaf().prefix}pass")
        return node


class ReturnNothing(_NodeOperator):
    """Return None in place of a value."""

    def find(self, node: Node) -> Iterator[Span]:
        # False for None is no difference to whoever asks whether.
        if node.type == "return_stmt" and node.children[1].get_code().strip() not in ("None", "False"):
            yield node.children[1].start_pos, node.children[1].end_pos

    def mutate(self, node: Node, index: int) -> Node:
        node.children[1] = _parse(" None")
        return node


class RemoveOperand(_NodeOperator):
    """Leave out one side of ``and`` and ``or``."""

    def find(self, node: Node) -> Iterator[Span]:
        if node.type in ("and_test", "or_test"):
            for operand in node.children[::2]:
                yield operand.start_pos, operand.end_pos

    def mutate(self, node: Node, index: int) -> Node:
        prefix = node.get_first_leaf().prefix
        _cut(node.children, index)
        node.get_first_leaf().prefix = prefix
        return node


class RemoveElement(_NodeOperator):
    """Leave out one element of a list, tuple, set or dict, or one argument of a call by its keyword."""

    def find(self, node: Node) -> Iterator[Span]:
        parent = node.parent
        if parent is None or node.type not in ("testlist_comp", "dictorsetmaker", "arglist"):
            return
        if any(child.type in ("sync_comp_for", "comp_for") for child in node.children):
            return
        for part in _parts(node):
            if node.type != "arglist" or (part[0].type == "argument" and part[0].children[0].type == "name"):
                yield part[0].start_pos, part[-1].end_pos

    def mutate(self, node: Node, index: int) -> Node:
        candidates = [
            part
            for part in _parts(node)
            if node.type != "arglist" or (part[0].type == "argument" and part[0].children[0].type == "name")
        ]
        part = candidates[index]
        first = node.children.index(part[0])
        last = node.children.index(part[-1])
        # Its comma goes with it; a tuple of two stays one.
        if last + 1 < len(node.children):
            del node.children[first : last + 2]
        elif node.type == "testlist_comp":
            del node.children[first : last + 1]
        else:
            del node.children[max(0, first - 1) : last + 1]
        return node


class RemoveArgument(_NodeOperator):
    """Leave out the only argument of a call, where it has a keyword: all rows in place of some."""

    def find(self, node: Node) -> Iterator[Span]:
        if node.type == "trailer" and len(node.children) == 3 and node.children[0].value == "(":
            (_open, inner, _close) = node.children
            if inner.type == "argument" and inner.children[0].type == "name":
                yield inner.start_pos, inner.end_pos

    def mutate(self, node: Node, index: int) -> Node:
        del node.children[1]
        return node


class RemoveAlternative(_NodeOperator):
    """Let one alternative of a pattern never match: ``a|b|c`` becomes ``a|(?!)|c``."""

    def find(self, node: Node) -> Iterator[Span]:
        if node.type == "string":
            for _span in _find_alternatives(node.value):
                yield node.start_pos, node.end_pos

    def mutate(self, node: Node, index: int) -> Node:
        start, end = _find_alternatives(node.value)[index]
        node.value = f"{node.value[:start]}(?!){node.value[end:]}"
        return node


def _find_alternatives(literal: str) -> list[tuple[int, int]]:
    """Return where the alternatives of each group in a literal are; a literal may be a part of a pattern."""
    first = re.match(r"[A-Za-z]*(?:\"\"\"|'|\")", literal)
    begin = first.end() if first else 0
    end = len(literal) - (3 if literal.endswith('"""') else 1)
    found: list[tuple[int, int]] = []
    groups: list[list[int]] = [[begin]]
    position = begin
    while position < end:
        letter = literal[position]
        if letter == "\\":
            position += 1
        elif letter == "[":
            position = literal.find("]", position + 2, end)
            if position < 0:
                break
        elif letter == "(":
            skipped = re.match(r"\(\?(?::|<?[=!])", literal[position:end])
            groups.append([position + (skipped.end() if skipped else 1)])
        elif letter == "|":
            groups[-1].append(position + 1)
        elif letter == ")":
            found.extend(_spans(groups.pop(), position))
            groups = groups or [[position + 1]]
        position += 1
    for starts in groups:
        found.extend(_spans(starts, end))
    return [(start, stop) for start, stop in sorted(found) if start < stop]


def _spans(starts: list[int], end: int) -> list[tuple[int, int]]:
    if len(starts) < 2:
        return []
    return list(zip(starts, [start - 1 for start in starts[1:]] + [end], strict=True))


def _parts(node: Node) -> list[list[Node]]:
    """Return the elements of a list of nodes, without commas; ``key: value`` is one of three nodes."""
    parts: list[list[Node]] = [[]]
    for child in node.children:
        if child.type == "operator" and child.value == ",":
            parts.append([])
        else:
            parts[-1].append(child)
    return [part for part in parts if part]


def _cut(children: list[Node], index: int) -> None:
    if index == 0:
        del children[0:2]
    else:
        del children[2 * index - 1 : 2 * index + 1]


class Provider:
    """The operators above, as cosmic-ray wants them."""

    _ALL: Final = {
        operator.__name__: operator
        for operator in (
            RemoveStatement,
            ReturnNothing,
            RemoveOperand,
            RemoveElement,
            RemoveArgument,
            RemoveAlternative,
        )
    }

    def __iter__(self) -> Iterator[str]:
        return iter(self._ALL)

    def __getitem__(self, name: str) -> type[Operator]:
        return self._ALL[name]
