"""What a service knows of a session, kept by the client too: all that another session needs to go on in its place.

The service forgets a session with its connection (a reconnect is a NEW session). So the mirror reads both directions of
the wire, and `restoration()` is the list of client events that bring a fresh session to where the lost one was.
"""

from __future__ import annotations

import copy
import secrets
import time
from base64 import b64encode
from typing import Any

from .turn_sound import Sound

_BYTES_PER_MS = {"audio/pcm": 48, "audio/pcmu": 8, "audio/pcma": 8}
_AUDIO_KEPT_BYTES = 20_000_000  # of turns without a transcript; past it the oldest are words lost
_LOST_WORDS = "(something was said here that was not kept)"
OURS = "resume_"  # begins the event_id of everything that restores

Event = dict[str, Any]


class SessionMirror:
    """Feed it every event: `sent` what the client means to send, `received` what the service sent."""

    def __init__(self) -> None:
        self.sound = Sound()
        self.items: dict[str, Event] = {}  # in the conversation's order
        self.open_responses: dict[str, list[Event]] = {}  # id: the function calls that it has completed
        self._settings: Event = {}
        self._updates: dict[str, Event] = {}  # not acknowledged, by event_id
        self._creates: dict[str, Event] = {}  # not acknowledged, by the item's id
        self._commit: Event | None = None  # not acknowledged
        self._commit_ms = 0.0  # where in the sound it stands
        self._wanted: Event | None = None  # the response.create for a reply that is owed
        self._turns: dict[str, list[float]] = {}  # item_id: where its sound starts and stops, ms
        self._audio: dict[str, bytes] = {}  # item_id: its sound, as long as nobody knows its words
        self._reply_ms: dict[str, float] = {}  # item_id: how much of a reply came

    # -- what the client sends ----------------------------------------------------------------------------------------

    def sent(self, event: Event) -> Event:
        """Take note of it. The same event, with the ids by which an answer to it can be recognised."""
        event = {**event, "event_id": event.get("event_id") or "event_" + secrets.token_hex(10)}
        match event["type"]:
            case "session.update":
                self._updates[event["event_id"]] = event
            case "input_audio_buffer.append":
                self.sound.append(event["audio"])
            case "input_audio_buffer.commit":
                self._commit, self._commit_ms = event, self.sound.end_ms
            case "input_audio_buffer.clear":
                self.sound.clear()
            case "conversation.item.create":
                item = {**event["item"], "id": event["item"].get("id") or "item_" + secrets.token_hex(10)}
                event["item"] = item
                self._creates[item["id"]] = event
            case "conversation.item.truncate":
                self._truncate(event["item_id"], event["audio_end_ms"])
            case "conversation.item.delete":
                self.items.pop(event["item_id"], None)
            case "response.create" if (event.get("response") or {}).get("conversation") != "none":
                self._wanted = event
            case "response.cancel":
                self._wanted = None
        return event

    # -- what the service sends ---------------------------------------------------------------------------------------

    def received(self, event: Event) -> None:
        match event["type"]:
            case "session.updated":
                self._acknowledged_update()
            case "error":
                self._refused(event["error"].get("event_id"))
            case "input_audio_buffer.speech_started":
                self._turns[event["item_id"]] = [event["audio_start_ms"], event["audio_start_ms"]]
                self.sound.needed_from_ms = event["audio_start_ms"]
            case "input_audio_buffer.speech_stopped":
                self._turns.setdefault(event["item_id"], [event["audio_end_ms"], 0])[1] = event["audio_end_ms"]
            case "input_audio_buffer.committed":
                self._committed(event["item_id"])
            case "conversation.item.added" | "conversation.item.done":
                self._item(event["item"], event.get("previous_item_id"))
            case "conversation.item.deleted":
                self.items.pop(event["item_id"], None)
            case "conversation.item.input_audio_transcription.completed":
                self._words(event["item_id"], event["transcript"])
            case "response.created":
                self._begun(event["response"])
            case "response.output_audio.delta":
                heard = len(event["delta"]) * 3 / 4 / self.sound.bytes_per_ms
                self._reply_ms[event["item_id"]] = self._reply_ms.get(event["item_id"], 0.0) + heard
            case "response.function_call_arguments.done":
                self._called(event)
            case "response.done":
                self._ended(event["response"])

    def _acknowledged_update(self) -> None:
        if self._updates:
            _merge(self._settings, self._updates.pop(next(iter(self._updates)))["session"])
            given = ((self._settings.get("audio") or {}).get("input") or {}).get("format") or {}
            self.sound.bytes_per_ms = _BYTES_PER_MS.get(given.get("type", ""), 48)

    def _refused(self, event_id: str | None) -> None:
        if event_id is None:
            return
        self._updates.pop(event_id, None)
        self._creates = {key: e for key, e in self._creates.items() if e["event_id"] != event_id}
        if self._commit and self._commit["event_id"] == event_id:
            self._commit = None
        if self._wanted and self._wanted["event_id"] == event_id and not self.open_responses:
            self._wanted = None

    def _committed(self, item_id: str) -> None:
        start, stop = self._turns.pop(item_id, (0.0, self._commit_ms if self._commit else self.sound.end_ms))
        self._audio[item_id] = self.sound.cut(start, stop)
        self.sound.forget_before(stop)
        self.sound.needed_from_ms = None
        by_client, self._commit = self._commit, None
        if by_client is None and self._answers_turns():
            self._wanted = {"type": "response.create"}
        while len(self._audio) > 1 and sum(map(len, self._audio.values())) > _AUDIO_KEPT_BYTES:
            del self._audio[next(iter(self._audio))]

    def _answers_turns(self) -> bool:
        given = ((self._settings.get("audio") or {}).get("input") or {}).get("turn_detection", {})
        return (
            given is not None
            and given.get("create_response") is not False
            and self._settings.get("type") != "transcription"
        )

    def _item(self, item: Event, previous: str | None) -> None:
        own = self._creates.pop(item["id"], None)
        known = self.items.get(item["id"])
        if known is None:
            self._insert(own["item"] if own else item, previous)
        elif item.get("role") != "user" and not known.get("_cut"):
            self.items[item["id"]] = item  # complete now; what the client made itself it knows better

    def _insert(self, item: Event, previous: str | None) -> None:
        order = list(self.items.items())
        where = next(
            (n + 1 for n, (key, _) in enumerate(order) if key == previous), 0 if previous is None else len(order)
        )
        order.insert(where, (item["id"], item))
        self.items = dict(order)

    def _words(self, item_id: str, words: str) -> None:
        self._audio.pop(item_id, None)
        if item_id in self.items:
            self.items[item_id] = {**self.items[item_id], "content": [{"type": "input_text", "text": words.strip()}]}

    def _begun(self, response: Event) -> None:
        if response.get("conversation_id"):
            self.open_responses[response["id"]] = []
            self._wanted = self._wanted or {"type": "response.create"}

    def _called(self, event: Event) -> None:
        """From here on a tool may be at work, so that this call is never to be made anew."""
        call = {"id": event["item_id"], "type": "function_call", "status": "completed"}
        call |= {name: event.get(name) for name in ("call_id", "name", "arguments")}
        self.items[event["item_id"]] = call
        if event["response_id"] in self.open_responses:
            self.open_responses[event["response_id"]].append(call)

    def _ended(self, response: Event) -> None:
        if self.open_responses.pop(response["id"], None) is not None:
            self._wanted = None

    def _truncate(self, item_id: str, heard_ms: float) -> None:
        item, came_ms = self.items.get(item_id), self._reply_ms.get(item_id)
        if item is None or not came_ms:
            return
        words = _words(item).split()
        kept = " ".join(words[: round(len(words) * min(1.0, heard_ms / came_ms))])
        self.items[item_id] = {**item, "content": [{"type": "output_text", "text": kept}], "_cut": True}

    def cut(self, item_id: str) -> list[Event]:
        """What puts the rest of a truncated reply where the whole one stood: an event, or none if nothing is left."""
        left = self._restored(self.items[item_id]) if item_id in self.items else None
        if left is None:
            return []
        order = list(self.items)
        where = order.index(item_id)
        place = {"previous_item_id": order[where - 1] if where else "root", "item": left}
        return [{"type": "conversation.item.create", "event_id": f"{OURS}cut", **place}]

    # -- a new session in its place ------------------------------------------------------------------------------------

    @property
    def speaking(self) -> bool:
        """Somebody is in the middle of a turn."""
        return self.sound.needed_from_ms is not None

    @property
    def quiet(self) -> bool:
        """Nobody speaks and nothing is owed: a good moment to change sessions."""
        calls = {i["call_id"] for i in self.items.values() if i["type"] == "function_call"}
        outputs = {i["call_id"] for i in self.items.values() if i["type"] == "function_call_output"}
        return not (self.speaking or self._wanted or self._updates or self._creates or calls - outputs)

    def lost(self) -> list[Event]:
        """The connection is gone: the `response.done` that the service did not live to send, for each open response.

        A response whose calls were complete counts as completed, as tools are at work for it; any other as cancelled,
        and is asked for once more.
        """
        endings = []
        for response_id, calls in self.open_responses.items():
            if calls:
                self._wanted = None
            details = None if calls else {"type": "cancelled", "reason": "connection_lost"}
            response = {"id": response_id, "object": "realtime.response", "output": calls, "status_details": details}
            response["status"] = "completed" if calls else "cancelled"
            endings.append({"type": "response.done", "response": response})
        self.open_responses.clear()
        self._turns.clear()
        self._drop_what_was_half_said()
        return endings

    def _drop_what_was_half_said(self) -> None:
        half = [i["id"] for i in self.items.values() if i.get("status") == "in_progress" and not i.get("_cut")]
        for item_id in half:
            del self.items[item_id]

    def restoration(self) -> list[Event]:
        """The client events that bring a fresh session to where the lost one was; the sound counts from 0 again."""
        events: list[Event] = []
        if self._settings:
            events.append({"type": "session.update", "session": copy.deepcopy(self._settings)})
        for item in self.items.values():
            if restored := self._restored(item):
                events.append({"type": "conversation.item.create", "item": restored})
        events = [{**event, "event_id": f"{OURS}{n}"} for n, event in enumerate(events)]
        events += [*self._updates.values(), *self._creates.values()]
        asks = self._wanted if not self.speaking and not self._commit else None
        events += [{"type": "input_audio_buffer.append", "audio": audio} for audio in self.sound.restart()]
        events += [event for event in (self._commit, asks or (self._commit and self._wanted)) if event]
        return events

    def _restored(self, item: Event) -> Event | None:
        match item["type"]:
            case "function_call":
                return {name: item[name] for name in ("id", "type", "call_id", "name", "arguments")}
            case "function_call_output":
                return {name: item[name] for name in ("id", "type", "call_id", "output")}
            case "message" if item["role"] == "assistant":
                words = _words(item)
                content = [{"type": "output_text", "text": words}] if words else None
            case "message":
                content = [self._part(item["id"], part) for part in item["content"]]
            case _:
                return None  # lists of MCP tools, which the new session makes itself
        return {"id": item["id"], "type": "message", "role": item["role"], "content": content} if content else None

    def _part(self, item_id: str, part: Event) -> Event:
        if part["type"] != "input_audio" or part.get("audio"):
            return part
        if part.get("transcript"):
            return {"type": "input_text", "text": part["transcript"]}
        if audio := self._audio.get(item_id):
            return {"type": "input_audio", "audio": b64encode(audio).decode()}
        return {"type": "input_text", "text": _LOST_WORDS}


class Restoration:
    """Which of a new session's events are its restoration's business, and when that is complete."""

    def __init__(self, events: list[Event], began: float) -> None:
        self.events, self._began = events, began
        ours = [event for event in events if str(event.get("event_id", "")).startswith(OURS)]
        self._update = any(event["type"] == "session.update" for event in ours)
        self._items = {event["item"]["id"]: event["event_id"] for event in ours if "item" in event}
        self.replies = {event["item"]["id"] for event in ours if event.get("item", {}).get("role") == "assistant"}
        self._count = len(self._items)
        self._refused: list[str] = []

    def takes(self, event: Event) -> bool:
        """Is this one for us? The loop has seen its like in the session that was lost."""
        match event["type"]:
            case "session.created":
                return True
            case "session.updated" if self._update:
                self._update = False
                return True
            case "conversation.item.added" if event["item"]["id"] in self._items:
                return True
            case "conversation.item.done":
                return self._items.pop(event["item"]["id"], None) is not None
            case "error" if str(event["error"].get("event_id")).startswith(OURS):
                self._refused.append(event["error"]["message"])
                self._items = {item: id for item, id in self._items.items() if id != event["error"]["event_id"]}
                self._update = self._update and event["error"]["event_id"] != f"{OURS}0"
                return True
        return False

    @property
    def complete(self) -> bool:
        return not self._update and not self._items

    def notice(self) -> Event:
        seconds = round(time.monotonic() - self._began, 3)
        return {"type": "connection.restored", "items": self._count, "refused": self._refused, "seconds": seconds}


def _words(item: Event) -> str:
    return " ".join(filter(None, (part.get("text") or part.get("transcript") for part in item.get("content") or ())))


def _merge(into: Event, update: Event) -> None:
    """As the service does it: objects field by field, everything else as a whole."""
    for name, value in update.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        else:
            into[name] = copy.deepcopy(value)
