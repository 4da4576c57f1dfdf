"""Which Realtime service: OpenAI, Azure OpenAI, or the mock server on this computer; and connecting to it."""

import html
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import openai
from openai import AsyncOpenAI
from openai.resources.realtime.realtime import AsyncRealtimeConnectionManager

from .azure_access import CONNECTION_STRING, ENDPOINT, azure_access, azure_client, entra_token
from .connection import Connecting
from .discreet_log import be_discreet
from .errors import LearnerError
from .handshake import Explain, ServiceError
from .mock_child import MockChild, mock_child, pace
from .service_settings import Key, address_of, is_loopback, key_of
from .settings import setting
from .wire import Wire, WireEvent

__all__ = ["Service", "ServiceError", "choose_service"]

log = logging.getLogger("realtime_helpers")

# The one place where a model or a voice is named. _MODELS: Service's field, the setting, what it is without.
EMBEDDING_MODEL = "text-embedding-3-small"
_MODELS = {
    "model": ("REALTIME_MODEL", "gpt-realtime-2.1"),
    "transcription_model": ("REALTIME_TRANSCRIPTION_MODEL", "gpt-live-transcribe"),
    "embedding_model": ("REALTIME_EMBEDDING_MODEL", EMBEDDING_MODEL),
    # for chapter 9's conversation without a realtime model: a recorded turn to text, text to text, text to speech
    "file_transcription_model": ("REALTIME_FILE_TRANSCRIPTION_MODEL", "gpt-transcribe"),
    "chat_model": ("REALTIME_CHAT_MODEL", "gpt-5.4-mini"),
    "speech_model": ("REALTIME_SPEECH_MODEL", "gpt-4o-mini-tts"),
}
VOICE = "cedar"
VOICES = ("cedar", "marin", "ash", "coral", "echo", "sage", "verse", "ballad", "alloy", "shimmer")

_TITLES = {"mock": "The mock server", "openai": "OpenAI", "azure": "Azure OpenAI"}
_OPENAI_URL = "https://api.openai.com/v1"
_SAME_KEY = "that it is the one the server was started with"
_WIRES_KEPT = 100  # of the newest connections: each holds its whole sound
_CLOSE_WITHIN_S = 2  # what no longer answers is left, lest the stop button should seem broken


@dataclass(repr=False)
class Service:
    """A Realtime service, chosen by the settings. It shows itself in a notebook; its key it shows nowhere."""

    name: str
    why: str
    model: str
    transcription_model: str
    embedding_model: str
    file_transcription_model: str
    chat_model: str
    speech_model: str
    voice: str
    key_setting: str  # what to check when the key is refused
    _key: Key
    _url: str | None = None
    _child: MockChild | None = None
    wires: list[Wire] = field(default_factory=list)
    watchers: list[Callable[[WireEvent], None]] = field(default_factory=list)  # of connections still to come
    _client: AsyncOpenAI | None = None

    @property
    def other_voices(self) -> tuple[str, ...]:
        """The voices that are not `voice`, for whoever else speaks."""
        return tuple(voice for voice in VOICES if voice != self.voice)

    @property
    def url(self) -> str:
        """Its base URL. The mock server's is known once it has started, which this waits for."""
        if self._child is None:
            return self._url
        if not self._child.alive:  # the next connection is one to a new server, with a key of its own
            self._child = mock_child(pace())
            self._key, self._client = self._child.key, None
        return self._child.url()

    @property
    def azure_door(self) -> str:
        """The mock server's Azure entrance as a connection string, to practise with. It holds a key: do not print it.

        Raises:
            ServiceError: this is no mock server.
        """
        if self.name != "mock":
            raise ServiceError(f'{_TITLES[self.name]} has no such door: take choose_service("mock").azure_door.')
        root = self.url.removesuffix("/v1")  # first: it may bring another key
        return f"Endpoint={root}/;Key={self._key}"

    @property
    def client(self) -> AsyncOpenAI:
        """The plain SDK client for this service."""
        url = self.url  # first: it may bring another key
        if self._client is None:
            self._client = self._make_client(url, self._key)
        return self._client

    @property
    def wire(self) -> Wire:
        """The recorded wire of the latest connection.

        Raises:
            ServiceError: there was none yet.
        """
        if not self.wires:
            raise ServiceError("Nothing was recorded yet: run the cell that connects first.")
        return self.wires[-1]

    def connect(
        self, *, model: str | None = None, api_key: str | None = None, fault: str | None = None, **options: Any
    ) -> Connecting:
        """`client.realtime.connect(model=...)`, recorded, with readable failures.

        `api_key`: another key than the settings', for this connection only. `fault`: what shall go wrong in it, as in
        "transcription_delay_ms:1500"; docs/mock-server.md lists them. `options` go to the SDK as they are.

        Raises:
            ServiceError: at once, if a fault is asked of a service that is not the mock server; on entering or leaving,
                if the service refuses, cannot be reached, or closes the connection.
        """
        model = model or self.model
        if fault is not None:
            if self.name != "mock":
                raise ServiceError(
                    f"Nothing goes wrong on demand with {_TITLES[self.name]}: leave out fault=, or take the mock "
                    'server for this conversation, service = choose_service("mock").'
                )
            options["extra_query"] = {**options.get("extra_query", {}), "fault": fault}
        wire = Wire(watchers=self.watchers)
        self.wires.append(wire)
        del self.wires[:-_WIRES_KEPT]

        def prepare() -> tuple[AsyncRealtimeConnectionManager, Explain]:
            url = self.url
            client = self._make_client(url, api_key) if api_key else self.client
            websocket = {"close_timeout": _CLOSE_WITHIN_S, **options.get("websocket_connection_options", {})}
            if is_loopback(url):
                websocket.setdefault("proxy", None)
            manager = client.realtime.connect(model=model, **{**options, "websocket_connection_options": websocket})
            child = self._child
            died = child.ended if child else lambda: False
            return manager, Explain(_TITLES[self.name], model, url, self.key_setting, died)

        return Connecting(prepare, wire)

    def _make_client(self, url: str, key: Key) -> AsyncOpenAI:
        try:
            # a company's proxy cannot reach this computer
            http = openai.DefaultAsyncHttpxClient(trust_env=False) if is_loopback(url) else None
            make = azure_client if self.name == "azure" else AsyncOpenAI
            client = make(api_key=key, base_url=url, http_client=http)
        except (openai.OpenAIError, ValueError) as why:
            log.error("No client for %s, model %s: %s", self.name, self.model, type(why).__name__)
            raise ServiceError(f"No client could be made for {_TITLES[self.name]}: check {self.key_setting}.") from None
        log.info("Client created: service %s, model %s", self.name, self.model)
        return client

    def __repr__(self) -> str:
        return f"{_TITLES[self.name]} ({self.why}); model {self.model}, voice {self.voice}. {_HOW_TO_CHANGE}"

    def _repr_html_(self) -> str:
        title, why, model, voice = (html.escape(t) for t in (_TITLES[self.name], self.why, self.model, self.voice))
        return (
            '<div style="border-left:4px solid var(--jp-brand-color1,#1976d2);padding:.4em .9em;margin:.3em 0;'
            'color:var(--jp-content-font-color1,inherit);line-height:1.5">'
            f"<strong>{title}</strong> <span style='color:var(--jp-content-font-color2,inherit)'>({why})</span><br>"
            f"model <code>{model}</code>, voice <code>{voice}</code><br>"
            f"<small style='color:var(--jp-content-font-color2,inherit)'>{html.escape(_HOW_TO_CHANGE)}</small></div>"
        )


_HOW_TO_CHANGE = (
    "To change: set REALTIME_SERVICE to mock, openai or azure, in the environment or a .env file, and restart "
    "the kernel."
)


def choose_service(
    name: str | None = None,
    *,
    connection_string: str | None = None,
    token_provider: Callable[[], Awaitable[str]] | None = None,
) -> Service:
    """The service that the settings name: REALTIME_SERVICE, else whichever has its settings, else the mock server.

    `name`, "mock", "openai" or "azure", wins over the settings. Returns at once; the mock server goes on starting
    meanwhile. For Azure, `connection_string` ("Endpoint=...;Key=...") wins over the settings, and `token_provider`,
    which gets a token for each connection, over azure-identity's.

    Raises:
        ServiceError: a setting is missing or malformed, named.
    """
    try:
        name, why = _choice(name)
        common = {
            "name": name,
            "why": why,
            **_models(name),
            "voice": setting("REALTIME_VOICE", VOICE),
        }
        if name == "azure":
            return _azure(common, connection_string, token_provider)
        if connection_string or token_provider:
            raise ServiceError(
                f"connection_string and token_provider are Azure's, and this is {_TITLES[name]} ({why}): "
                'write choose_service("azure", ...).'
            )
        return {"mock": _mock, "openai": _openai}[name](common)
    except LearnerError as why:
        log.error("No service: %s", why)
        raise


def _choice(name: str | None) -> tuple[str, str]:
    if name is not None:
        if name not in _TITLES:
            raise ServiceError(f"There is no service {name!r}: choose mock, openai or azure.")
        return name, "because your code says so"
    if named := setting("REALTIME_SERVICE"):
        name = named.strip().lower()
        if name not in _TITLES:
            raise ServiceError(f"REALTIME_SERVICE is {named!r}: make it mock, openai or azure, or take it away.")
        return name, f"because REALTIME_SERVICE is {name}"
    for name in (ENDPOINT, CONNECTION_STRING):
        if setting(name):
            return "azure", f"because {name} is set"
    if setting("OPENAI_API_KEY"):
        return "openai", "because OPENAI_API_KEY is set"
    return "mock", "because there is no key; it needs none"


def _models(name: str) -> dict[str, str]:
    """The names of the models. What the settings call them is meant for the service that the settings choose."""
    try:
        named = _choice(None)[0] == name
    except ServiceError:
        named = False
    return {field: setting(variable, usual) if named else usual for field, (variable, usual) in _MODELS.items()}


def _mock(common: dict[str, Any]) -> Service:
    if url := setting("REALTIME_MOCK_URL"):
        key = key_of("REALTIME_MOCK_API_KEY")
        if not key:
            raise ServiceError(
                "REALTIME_MOCK_URL is set but REALTIME_MOCK_API_KEY is not: the running server's key goes there."
            )
        return Service(**common, key_setting=_SAME_KEY, _key=key, _url=address_of("REALTIME_MOCK_URL", url))
    child = mock_child(pace())
    if child.chat:
        common["why"] += f"; the chat model {child.chat.model} answers"
    return Service(**common, key_setting=_SAME_KEY, _key=child.key, _child=child)


def _openai(common: dict[str, Any]) -> Service:
    key = key_of("OPENAI_API_KEY")
    if not key:
        raise ServiceError(
            "REALTIME_SERVICE is openai but OPENAI_API_KEY is not set: set it, or set REALTIME_SERVICE=mock."
        )
    url = address_of("OPENAI_BASE_URL", setting("OPENAI_BASE_URL", _OPENAI_URL))
    return Service(**common, key_setting="OPENAI_API_KEY for a wrong character, or make a new key", _key=key, _url=url)


def _azure(
    common: dict[str, Any], together: str | None, token_provider: Callable[[], Awaitable[str]] | None
) -> Service:
    access = azure_access(together)
    key_setting = (
        f"that {access.key_setting} belongs to this endpoint" if access.key else "your az login and your role there"
    )
    key = access.key or token_provider or entra_token()
    return Service(**common, key_setting=key_setting, _key=key, _url=access.url)


be_discreet()
log.addHandler(logging.NullHandler())  # who wants the log configures logging; a failure is shown by its exception
