"""Two lines in a .env put a chat model behind the mock server."""

import pytest

from realtime_helpers import mock_child as module
from realtime_helpers.chat_setting import ChatModelSetting, chat_model
from realtime_helpers.mock_child import MockChild, MockServerError
from realtime_helpers.service import choose_service
from realtime_helpers.settings import SettingError

from .mock_server.fake_chat import FakeChat

URL, MODEL, KEY = "REALTIME_MOCK_CHAT_BASE_URL", "REALTIME_MOCK_CHAT_MODEL", "REALTIME_MOCK_CHAT_API_KEY"
OLLAMA = "http://localhost:11434/v1"
SECRET = "sk-do-not-show-me-1234567890"


@pytest.fixture(autouse=True)
def bare(monkeypatch, tmp_path):
    """No setting from outside, no .env."""
    monkeypatch.delenv(URL)
    monkeypatch.chdir(tmp_path)


def test_two_lines_in_a_file(tmp_path, monkeypatch):
    assert chat_model() is None
    (tmp_path / ".env").write_text(f"{URL}={OLLAMA}\n{MODEL}=llama3.2\n")
    assert chat_model() == ChatModelSetting(OLLAMA, "llama3.2")
    monkeypatch.setenv(KEY, SECRET)
    assert chat_model().key == SECRET and SECRET not in repr(chat_model())
    monkeypatch.setenv(URL, "off")
    assert chat_model() is None


@pytest.mark.parametrize(("given", "missing"), [(URL, MODEL), (MODEL, URL)])
def test_half_of_it_is_named(monkeypatch, given, missing):
    monkeypatch.setenv(given, "x")
    with pytest.raises(SettingError, match=f"^{given} is set but {missing} is not: "):
        chat_model()


def test_an_address_that_is_none_says_so():
    child = MockChild(pace=4, chat=ChatModelSetting("localhost:11434", "tiny"))
    with pytest.raises(MockServerError, match="base URL is not an address"):
        child.url()


async def test_every_chapter_talks_to_it(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_child", None)
    async with FakeChat().running() as fake:
        (tmp_path / ".env").write_text(f"{URL}={fake.url}\n{MODEL}=tiny\n{KEY}={SECRET}\n")
        service = choose_service()
        try:
            assert "the chat model tiny answers" in repr(service)
            assert SECRET not in " ".join(service._child._process.args)
            fake.streams("I am tiny.")
            async with service.connect() as connection:
                await connection.session.update(session={"type": "realtime", "output_modalities": ["text"]})
                await connection.response.create()
                async for event in connection:
                    if event.type == "response.done":
                        break
            assert event.response.output[0].content[0].text == "I am tiny."
            assert {headers["authorization"] for headers in fake.headers} == {f"Bearer {SECRET}"}
        finally:
            service._child.stop()
