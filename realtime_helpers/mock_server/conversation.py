"""The conversation: items in order."""

from .events import ProtocolError
from .input_buffer import MAX_BYTES
from .item import Item

# Kept only for retrieving and truncating. Nobody asks for older than half an hour, and it is memory.
_KEPT_AUDIO_BYTES = MAX_BYTES
# A conversation of an hour is far below both; without them one client could eat the machine.
MAX_ITEMS = 10_000
MAX_STORED_BYTES = 32_000_000  # text and images


class Conversation:
    def __init__(self, id: str, items: list[Item] | None = None) -> None:
        self.id = id
        self.items: list[Item] = []
        self.version = 0  # goes up with every change: work begun on an older one is stale
        self.reserved: str | None = None  # the id announced for what the user is saying, no item yet
        self._by_id: dict[str, Item] = {}
        self._stored_bytes = 0  # as they were added; counted anew when it looks too much
        for item in items or ():
            self.add(item)

    def find(self, item_id: str | None) -> Item | None:
        return self._by_id.get(item_id)

    def previous_id(self, item: Item) -> str | None:
        index = self._index(item)
        return self.items[index - 1].id if index else None

    def _index(self, item: Item) -> int:
        """It is mostly one of the last."""
        return next(index for index in range(len(self.items) - 1, -1, -1) if self.items[index] is item)

    def add(self, item: Item, after: str | None = None) -> None:
        """Append, or insert after another item (`"root"`: at the start).

        Raises:
            ProtocolError: an id that is taken or reserved, `after` unknown, or the conversation is full.
        """
        if self.find(item.id) or item.id == self.reserved:
            raise ProtocolError(
                "item_create_item_already_exists",
                f"Error adding item: the item with id '{item.id}' already exists in this conversation.",
                "item.id",
            )
        index = len(self.items)
        if after == "root":
            index = 0
        elif after is not None:
            previous = self.find(after)
            if not previous:
                raise ProtocolError(
                    "item_create_invalid_previous_item_id",
                    f"Error adding item: the previous item with id '{after}' does not exist.",
                    "previous_item_id",
                )
            index = self._index(previous) + 1
        self._need_room(item)
        self.items.insert(index, item)
        self._by_id[item.id] = item
        self.version += 1
        if item.audio:
            self._forget_old_audio()

    def _need_room(self, item: Item) -> None:
        self._stored_bytes += item.stored_bytes
        if len(self.items) < MAX_ITEMS and self._stored_bytes <= MAX_STORED_BYTES:
            return
        self._stored_bytes = sum(i.stored_bytes for i in self.items)  # much may have been deleted
        if len(self.items) >= MAX_ITEMS or self._stored_bytes + item.stored_bytes > MAX_STORED_BYTES:
            raise ProtocolError(
                "conversation_full",
                f"A conversation holds at most {MAX_ITEMS} items and {MAX_STORED_BYTES // 1_000_000} MB of text and "
                "images here: delete items, or connect anew.",
            )
        self._stored_bytes += item.stored_bytes

    def _forget_old_audio(self) -> None:
        room = _KEPT_AUDIO_BYTES
        for item in reversed(self.items):
            room -= len(item.audio)
            if room < 0:
                item.audio = item.audio[:0]

    def need(self, item_id: str, action: str) -> Item:
        """The item, or the error that the real service gives for `action` ("delete", "retrieve", "truncate")."""
        if item := self.find(item_id):
            return item
        raise ProtocolError(
            f"item_{action}_invalid_item_id",
            f"Error with item {action}: the item with id '{item_id}' does not exist.",
            "item_id",
        )

    def delete(self, item_id: str) -> None:
        del self.items[self._index(self.need(item_id, "delete"))]
        del self._by_id[item_id]
        self.version += 1

    def truncate(self, item_id: str, audio_end_ms: int) -> None:
        """Forget what the learner did not hear, so that the model does not believe it was said.

        Raises:
            ProtocolError: no such item, not spoken by the assistant, or the audio is shorter than that.
        """
        item = self.need(item_id, "truncate")
        content = item.body.get("content") or [{}]
        is_being_said = isinstance(item.audio, bytearray)
        if not is_being_said and content[0].get("type") != "output_audio":
            raise ProtocolError("invalid_value", "Only audio that the assistant spoke can be truncated.", "item_id")
        if audio_end_ms < 0:
            raise ProtocolError(
                "integer_below_min_value",
                f"Invalid 'audio_end_ms': expected a value >= 0, but got {audio_end_ms} instead.",
                "audio_end_ms",
            )
        if audio_end_ms > item.audio_ms:
            raise ProtocolError(
                "invalid_value",
                f"Audio content of {item.audio_ms}ms is already shorter than {audio_end_ms}ms",
                "audio_end_ms",
            )
        if is_being_said:
            item.cut_at_ms = audio_end_ms
        else:
            item.cut(audio_end_ms)
        self.version += 1
