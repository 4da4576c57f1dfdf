import os

import pytest

from realtime_helpers.settings import SettingError, setting


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("REALTIME_VOICE=cedar\nREALTIME_MODEL=from-file\nEMPTY=\n")
    folder = tmp_path / "notebooks"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("REALTIME_MODEL", "from-environment")
    assert setting("REALTIME_MODEL") == "from-environment"
    assert setting("REALTIME_VOICE", "marin") == "cedar"
    assert setting("EMPTY", "default") == "default"
    assert "REALTIME_VOICE" not in os.environ, "a key in .env must not leak into the environment"


def test_a_changed_file_is_read_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / ".env"
    for number, value in enumerate(("one", "two")):
        file.write_text(f"REALTIME_VOICE={value}\n")
        os.utime(file, ns=(number, number))
        assert setting("REALTIME_VOICE") == value


def test_a_file_in_another_encoding_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("REALTIME_VOICE=cedar\n", encoding="utf-16")
    with pytest.raises(SettingError, match="UTF-8"):
        setting("REALTIME_VOICE")


def test_a_byte_order_mark_does_no_harm(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("REALTIME_VOICE=cedar\n", encoding="utf-8-sig")
    assert setting("REALTIME_VOICE") == "cedar"
