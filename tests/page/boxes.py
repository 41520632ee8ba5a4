"""The boxes of the page's data, with what its front end adds up."""


def add_totals(boxes):
    """Boxes come with their own cost and with what is hidden below; totals are sums."""
    parents, path = [], {}
    for i, level in enumerate(boxes["level"]):
        path[level] = i
        parents.append(path[level - 1] if level else -1)
    for own, total, at in ("self", "total", 2), ("base_self", "base_total", 3):
        if own not in boxes:
            continue
        boxes[own] = [value * boxes["scale"] for value in boxes[own]]
        boxes[total] = list(boxes[own])
        for cut in boxes["cut"]:
            boxes[total][cut[0]] += cut[at] * boxes["scale"]
        for i in reversed(range(len(parents))):
            if parents[i] >= 0:
                boxes[total][parents[i]] += boxes[total][i]
    return boxes
