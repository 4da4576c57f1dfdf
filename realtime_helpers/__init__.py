"""What a chapter imports, and nothing else.

Names load on first use, so that the mock server need not wait for widgets and plots.
"""

from importlib import import_module

_HOME = {
    "choose_service": "service",
    "ServiceError": "service",
    "LearnerError": "errors",
    "Microphone": "microphone",
    "MicrophoneError": "microphone",
    "Keyboard": "keyboard",
    "Speaker": "speaker",
    "run_preflight": "preflight",
    "current_wire": "wire",
    "show_timeline": "timeline",
    "usage_table": "usage",
    "event_table": "event_counts",
    "Captions": "captions",
    "read_transcript": "transcript",
    "draw_turns": "turn_picture",
    "expected_error": "checks",
    "check": "checks",
    "CheckFailed": "checks",
    "time_limit": "checks",
    "Shop": "shop",
    "ProductCards": "product_cards",
    "read_audio": "audio",
    "float_to_pcm16": "audio",
    "ToolSet": "tools",
    "Resuming": "resume",
    "Calendar": "wild_brunch",
    "NoTable": "wild_brunch",
    "rehearsing": "rehearsal",
    "rehearsed_line": "rehearsed_line",
    "PhoneLine": "phone_line",
    "TextLine": "text_line",
    "draw_comparison": "comparison_picture",
    "Telemetry": "telemetry_outlets",
    "draw_dashboard": "dashboard_picture",
    "SAMPLE_RATE_HZ": "audio",
}
__all__ = sorted(_HOME)


def __getattr__(name: str):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__():
    return __all__
