"""Remote MCP servers among a session's tools: named, but never reached.

The real service asks such a server for its tools and calls them itself. This one stays on the learner's computer, so
each listing fails, in the events that the real service sends when a server does not answer.
"""

from __future__ import annotations

from typing import Any

from .item import Item
from .responding import Office


class McpServers:
    def __init__(self, office: Office) -> None:
        self._office = office
        self._tried: set[str] = set()

    def list_tools(self, tools: list[dict[str, Any]]) -> None:
        for tool in tools:
            if tool.get("type") == "mcp" and tool["server_label"] not in self._tried:
                self._tried.add(tool["server_label"])
                self._fail(tool["server_label"])

    def _fail(self, label: str) -> None:
        office = self._office
        item = Item({"id": office.house.new_id("mcpl"), "type": "mcp_list_tools", "server_label": label, "tools": []})
        office.conversation.add(item)
        previous = office.conversation.previous_id(item)
        office.emit("conversation.item.added", previous_item_id=previous, item=dict(item.body))
        office.emit("mcp_list_tools.in_progress", item_id=item.id)
        office.emit("mcp_list_tools.failed", item_id=item.id)
        office.emit("conversation.item.done", previous_item_id=previous, item=dict(item.body))
