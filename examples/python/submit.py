#!/usr/bin/python3
"""Submits a job to a Minnow server, follows it and prints its answer.

    submit.py DATA.csv TARGET "accuracy >= 0.95" [--server HOST:PORT] [more flags of minnow submit]

The table is prepared by `minnow submit`, which must be on the PATH, so that every client prepares alike. All that
follows is gRPC, with the stubs that README.md says how to make. The server is MINNOW_SERVER, else 127.0.0.1:7077.
"""

import argparse
import os
import subprocess
import sys

import grpc

from minnow.v1 import job_pb2, service_pb2, service_pb2_grpc


def submit(arguments, more):
    """Lets minnow prepare and send the table. Returns the name of the job: jobs/7."""
    command = ["minnow", "submit", arguments.data, "--target", arguments.target, "--good-enough", arguments.good_enough,
               "--server", arguments.server, "--quiet", *more]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.exit(done.returncode)
    return done.stdout.strip()


def follow(stub, job):
    """Prints where the job stands whenever that changes, until nothing more will happen to it."""
    last = None
    for progress in stub.WatchJob(service_pb2.WatchJobRequest(name=job)):
        state = job_pb2.Job.State.Name(progress.state)
        news = (state, progress.shapes_open, progress.why_still)
        if news != last:
            sizes = f", {progress.shapes_open} of {progress.shapes} sizes open" if state == "RUNNING" else ""
            waiting = f" ({progress.why_still})" if progress.why_still else ""
            print(f"{state}: {progress.trials} trials{sizes}{waiting}", file=sys.stderr)
        last = news
        if progress.over:
            return


def print_answer(report):
    """`report` is a minnow.v1.AnswerReport."""
    job = report.job
    if not job.HasField("answer"):
        print(f"{job.name} {job_pb2.Job.State.Name(job.state)}: no network is good enough")
        return
    shape = job.answer.shape
    units = list(shape.hidden)
    print(f"{job.name}: units of the hidden layers {units}, {shape.inputs} inputs, {shape.outputs} outputs")
    trial = report.trial
    print(f"trial {trial.name}, validation score {trial.result.validation_score:.4f}")
    for look in report.looks:
        print(f"look {look.look} at the test part: {look.score:.4f}, {'confirmed' if look.confirmed else 'missed'}")
    print(f"{len(report.certificate)} smaller sizes are rejected, {len(report.undecided)} are open")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("target")
    parser.add_argument("good_enough")
    parser.add_argument("--server", default=os.environ.get("MINNOW_SERVER", "127.0.0.1:7077"))
    arguments, more = parser.parse_known_args()

    job = submit(arguments, more)
    try:
        with grpc.insecure_channel(arguments.server) as channel:
            stub = service_pb2_grpc.SearchServiceStub(channel)
            follow(stub, job)
            print_answer(stub.GetAnswer(service_pb2.GetAnswerRequest(name=job)))
    except grpc.RpcError as error:
        sys.exit(f"the server says: {error.details()}")


if __name__ == "__main__":
    main()
