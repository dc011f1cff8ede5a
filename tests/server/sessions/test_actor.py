"""The actor with the real store: what is taken, what is refused, what is answered again."""



from protocol.session.outcome import outcome
from tests.server.acting import House, Script


async def test_a_whole_session_comes_to_the_same_state_as_in_memory(house: House, script: Script) -> None:
    script.to_archived()
    await house.play(script)
    published = await house.registry.published(script.session)
    assert published is not None
    assert published.state.size == script.at.size
    assert published.state.path == script.at.path
    assert outcome(published.state, published.disclosed) == outcome(script.at, script.disclosed)
