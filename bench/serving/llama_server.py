"""llama-server as a process: started for one play, so that its prompt cache is as cold as ours, then stopped."""
import concurrent.futures
import http.client
import json
import socket
import subprocess
import time

import workload

START_LIMIT_S = 600
WARM_UP = {"prompt": "Count from one to ten in words.", "n_predict": 8, "cache_prompt": False, "temperature": 0.0}


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def command(binary, model, config, slot_tokens, port):
    """`config`: {"threads", "slots", "kv_unified", "grouped", "extra"}."""
    layout = "--kv-unified" if config["kv_unified"] else "--no-kv-unified"
    threads = str(config["threads"])
    return [binary, "-m", model, "--host", "127.0.0.1", "--port", str(port), "-t", threads, "-tb", threads,
            "-np", str(config["slots"]), layout, "-c", str(slot_tokens * config["slots"]), "--fit", "off", "--offline",
            "--no-ui", *config["extra"].split()]


class Server:
    """`with Server(...) as server: server.play(...)`. Its output goes to `log_file`."""

    def __init__(self, binary, model, config, slot_tokens, log_file):
        self.config, self.port = config, free_port()
        self.command = command(binary, model, config, slot_tokens, self.port)
        self.log_file = log_file

    def __enter__(self):
        with open(self.log_file, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=subprocess.STDOUT)
        try:
            start = time.monotonic()
            while not self.healthy():
                if self.process.poll() is not None or time.monotonic() - start > START_LIMIT_S:
                    raise SystemExit(f"llama-server did not start: {' '.join(self.command)}; see {self.log_file}")
                time.sleep(0.1)
            self.start_s = time.monotonic() - start
            self.post(json.dumps(WARM_UP))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def healthy(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def post(self, body):
        """`body` is JSON. The answers: one object for each."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        try:
            connection.request("POST", "/completion", body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            text = response.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as error:
            raise SystemExit(f"llama-server went away ({error}); see {self.log_file}") from error
        finally:
            connection.close()
        if response.status != 200:
            raise SystemExit(f"llama-server answered {response.status}: {text[:400]}; see {self.log_file}")
        answers = json.loads(text)
        return answers if isinstance(answers, list) else [answers]

    def post_all(self, bodies, at_once):
        with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
            try:
                return list(pool.map(self.post, bodies))
            except BaseException:
                # The pool waits for its threads, they for answers that nobody wants any more, and a llama-server that
                # is asked to end waits for them.
                self.process.kill()
                raise

    def play(self, calls, mode, at_once, share=1.0):
        """Plays the calls one after another; the requests of a call one by one, or all `at_once`."""
        played = []
        for number, call in enumerate(calls):
            bodies = [json.dumps(body) for body in workload.bodies(call, mode, self.config, share)]
            start = time.monotonic()
            responses = self.post_all(bodies, len(bodies) if at_once else 1)
            wall_s = time.monotonic() - start
            answers = [answer for response in responses for answer in response]
            if len(answers) != len(call) or any(answer.get("truncated") for answer in answers):
                raise SystemExit(f"llama-server cut or lost answers of call {number}; see {self.log_file}")
            played.append({"call": number, "wall_s": wall_s, "http_requests": len(bodies),
                           "prompt_tokens": sum(answer["tokens_evaluated"] for answer in answers),
                           # Of a group all answers repeat the figures of the one prompt that was evaluated.
                           "evaluated_prompt_tokens": sum(response[0]["timings"]["prompt_n"] for response in responses),
                           "completion_tokens": sum(answer["tokens_predicted"] for answer in answers),
                           "answers": [answer["tokens_predicted"] for answer in answers]})
        keys = ("wall_s", "prompt_tokens", "evaluated_prompt_tokens", "completion_tokens")
        total = {key: sum(call[key] for call in played) for key in keys}
        return {**total, "tok_s": total["completion_tokens"] / total["wall_s"], "start_s": self.start_s,
                "calls": played}
