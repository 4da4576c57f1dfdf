"""The connection string of Azure; the rest of the way in is tests/test_service.py's."""

import pytest

from realtime_helpers.azure_access import AzureAccess, azure_access
from realtime_helpers.mock_server import MockServer, Say
from realtime_helpers.service import ServiceError, choose_service

from .dropped_calls import service_of

SECRET = "abc123" + "x" * 30 + "=="


@pytest.fixture
def connection_string(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)  # no .env of anybody's
    monkeypatch.delenv("REALTIME_SERVICE", raising=False)

    def put(text):
        monkeypatch.setenv("AZURE_OPENAI_CONNECTION_STRING", text)

    return put


@pytest.mark.parametrize(
    "text",
    [
        f"Endpoint=https://r.openai.azure.com/;Key={SECRET}",
        f"Key={SECRET};Endpoint=https://r.openai.azure.com",
        f" endpoint = https://r.openai.azure.com/openai/v1 ; KEY = {SECRET} ;",
    ],
)
def test_a_connection_string_holds_address_and_key(connection_string, text):
    connection_string(text)
    assert azure_access() == AzureAccess(
        "https://r.openai.azure.com/openai/v1", SECRET, "AZURE_OPENAI_CONNECTION_STRING"
    )
    service = choose_service()
    assert service.name == "azure" and "because AZURE_OPENAI_CONNECTION_STRING is set" in repr(service)
    assert SECRET not in repr(service) + repr(azure_access())


def test_without_a_key_one_signs_in(connection_string):
    connection_string("Endpoint=https://r.openai.azure.com/")
    assert azure_access().key is None


def test_an_endpoint_of_its_own_wins(connection_string, monkeypatch):
    connection_string(f"Endpoint=https://other.example;Key={SECRET}")
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", "https://r.example")
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "k")
    assert azure_access() == AzureAccess("https://r.example/openai/v1", "k", "AZURE_OPENAI_API_KEY")


@pytest.mark.parametrize(
    "text", [f"Key={SECRET}", SECRET, f"Endpoint=https://r.example;Secret={SECRET}", f"Endpoint=r.example;Key={SECRET}"]
)
def test_what_cannot_be_read_is_named_without_the_key(connection_string, text):
    connection_string(text)
    with pytest.raises(ServiceError, match="AZURE_OPENAI_CONNECTION_STRING") as fault:
        choose_service()
    assert SECRET not in str(fault.value)


@pytest.fixture(scope="module")
def practice():
    with MockServer(script=[Say("Howdy.")]) as server:
        yield service_of(server)


async def greeting(service):
    """What the service says first, and which model it was asked for."""
    async with service.connect() as connection:
        first = await connection.recv()
    return first.type, service.model


async def test_azures_door_opens_with_a_connection_string(practice):
    azure = choose_service("azure", connection_string=practice.azure_door)
    assert azure.name == "azure" and practice._key not in repr(azure)
    assert await greeting(azure) == ("session.created", azure.model)


async def test_azures_door_opens_with_a_token_which_is_asked_for_each_time(practice):
    asked = []

    async def token():
        asked.append("once more")
        return practice._key

    endpoint = practice.azure_door.partition(";")[0]
    azure = choose_service("azure", connection_string=endpoint, token_provider=token)
    for times in (1, 2):
        assert (await greeting(azure))[0] == "session.created"
        assert len(asked) == times


@pytest.mark.parametrize("signed_in", [False, True])
async def test_plain_requests_go_through_azures_door_too(practice, signed_in):
    """With the SDK's own client every one of them failed before it was sent, for want of an `Authorization`."""

    async def token():
        return practice._key

    door = practice.azure_door.partition(";")[0] if signed_in else practice.azure_door
    azure = choose_service("azure", connection_string=door, token_provider=token if signed_in else None)
    made = await azure.client.embeddings.create(model="a-deployment-of-mine", input=["hello"])
    assert len(made.data) == 1
    secret = await azure.client.realtime.client_secrets.create(session={"type": "realtime"})
    assert secret.value


async def test_a_token_that_is_not_accepted_says_where_to_look(practice):
    async def token():
        return "somebody-elses-token"

    endpoint = practice.azure_door.partition(";")[0]
    azure = choose_service("azure", connection_string=endpoint, token_provider=token)
    with pytest.raises(ServiceError, match="your az login and your role") as fault:
        await greeting(azure)
    assert "somebody" not in str(fault.value)


def test_a_connection_string_from_code_is_refused_without_its_key():
    with pytest.raises(ServiceError, match=r"^connection_string cannot be read") as fault:
        choose_service("azure", connection_string=f"Secret={SECRET}")
    assert SECRET not in str(fault.value)


def test_only_azure_has_a_connection_string():
    with pytest.raises(ServiceError, match=r'choose_service\("azure", ...\)'):
        choose_service("mock", connection_string="Endpoint=https://r.example")
    with pytest.raises(ServiceError, match="has no such door"):
        _ = choose_service("azure", connection_string="Endpoint=https://r.example;Key=k").azure_door
