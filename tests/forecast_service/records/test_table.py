"""Records: what is written is read, names are taken once, changes happen together or not at all."""

from threading import Thread
from typing import Any

import boto3
import pytest

from forecast_service.records.errors import (
    ResourceAlreadyExistsException,
    ResourceInUseException,
    ResourceNotFoundException,
)
from forecast_service.records.record import Change, Record, StatusConflictError
from forecast_service.records.table import Records

HOME = "arn:aws:forecast:us-east-1:123456789012"


def dataset(name: str = "sales", created: float = 1_700_000_000.5, **attributes: Any) -> Record:
    arn = f"{HOME}:dataset/{name}"
    return Record("dataset", arn, name, "ACTIVE", created, created, **attributes)


def predictor(arn_name: str, name: str = "p") -> Record:
    arn = f"{HOME}:predictor/{arn_name}"
    parents = {"dataset_group": f"{HOME}:dataset-group/shop"}
    return Record("predictor", arn, name, "CREATE_PENDING", 1.0, 1.0, parents=parents)


def import_job(dataset_name: str, name: str, created: float) -> Record:
    arn = f"{HOME}:dataset-import-job/{dataset_name}/{name}"
    parents = {"dataset": f"{HOME}:dataset/{dataset_name}"}
    return Record("dataset_import_job", arn, name, "CREATE_PENDING", created, created, parents=parents)


def test_a_record_is_read_as_it_was_written_with_its_numbers_exact(records: Records) -> None:
    record = dataset(
        request={"Schema": {"Attributes": []}},
        outcome={"DataSize": 0.1 + 0.2, "Stddev": 3.0069796446106987e-4},
        facts={"row_count": 3_000_000_000},
        inputs={"mode": "FULL"},
        tags=[{"Key": "team", "Value": ""}],
        message="why",
    )
    records.create(record)
    assert records.get(record.arn) == record


def test_an_unknown_arn_is_not_found(records: Records) -> None:
    for arn in (f"{HOME}:dataset/none", "not an arn"):
        with pytest.raises(ResourceNotFoundException, match=f"^No resource found {arn}$"):
            records.get(arn)


def test_a_name_is_taken_until_the_record_is_deleted(records: Records) -> None:
    records.create(dataset())
    with pytest.raises(ResourceAlreadyExistsException) as error:
        records.create(dataset())
    assert error.value.message == f"A dataset already exists with the arn: {HOME}:dataset/sales"
    records.delete(dataset().arn)
    records.create(dataset())


@pytest.mark.parametrize("first", ["p", "p_01FTHF1KK7E6VVR676WVN24MXC"])
@pytest.mark.parametrize("second", ["p", "p_01G3S1G876GRBAV467GCM9H53Q"])
def test_a_predictors_name_is_taken_whatever_its_ulid(records: Records, first: str, second: str) -> None:
    records.create(predictor(first))
    with pytest.raises(ResourceAlreadyExistsException, match=f"with the arn: {HOME}:predictor/{first}$"):
        records.create(predictor(second))
    records.delete(predictor(first).arn)
    records.create(predictor(second))


def test_a_repeated_deletion_does_not_free_a_name_that_passed_on(records: Records) -> None:
    old, new = predictor("p_01FTHF1KK7E6VVR676WVN24MXC"), predictor("p_01G3S1G876GRBAV467GCM9H53Q")
    records.create(old)
    records.delete(old.arn)
    records.create(new)
    records.delete(old.arn)
    with pytest.raises(ResourceAlreadyExistsException, match=new.arn):
        records.create(predictor("p"))


def test_a_change_sets_only_what_it_names(records: Records) -> None:
    records.create(dataset(request={"a": 1}, facts={"b": 2}))
    records.update(dataset().arn, status="UPDATE_PENDING", facts={"b": 3}, last_modification_time=1_700_000_001.25)
    expected = dataset(request={"a": 1}, facts={"b": 3})
    expected.status, expected.last_modification_time = "UPDATE_PENDING", 1_700_000_001.25
    assert records.get(expected.arn) == expected


def test_a_change_that_finds_another_status_changes_nothing(records: Records) -> None:
    records.create(dataset())
    with pytest.raises(StatusConflictError) as error:
        records.update(dataset().arn, {"CREATE_PENDING", "CREATE_IN_PROGRESS"}, status="ACTIVE", message="no")
    assert error.value.status == "ACTIVE"
    assert records.get(dataset().arn).message is None


def test_a_change_of_a_record_that_is_gone_does_not_bring_it_back(records: Records) -> None:
    with pytest.raises(StatusConflictError) as error:
        records.update(dataset().arn, status="ACTIVE")
    assert error.value.status is None
    assert records.of_kind("dataset") == []


def test_an_attribute_that_never_changes_cannot_be_changed(records: Records) -> None:
    records.create(dataset())
    with pytest.raises(TypeError, match="name cannot be changed"):
        records.update(dataset().arn, name="other")


def test_changes_of_several_records_happen_together_or_not_at_all(records: Records) -> None:
    records.create(dataset("a"))
    records.create(dataset("b"))
    busy, free = frozenset({"UPDATE_PENDING"}), frozenset({"ACTIVE"})
    a, b = dataset("a").arn, dataset("b").arn
    with pytest.raises(StatusConflictError, match=f"{b} is ACTIVE"):
        records.apply([Change(a, free, {"status": "UPDATE_PENDING"}), Change(b, busy, {"status": "ACTIVE"})])
    assert records.get(a).status == "ACTIVE"


def test_a_creation_checks_others_in_the_same_transaction(records: Records) -> None:
    records.create(dataset())
    records.update(dataset().arn, status="DELETE_PENDING")
    job = import_job("sales", "j", 1.0)
    with pytest.raises(StatusConflictError, match="DELETE_PENDING"):
        records.create(job, [Change(dataset().arn, frozenset({"ACTIVE"}))])
    with pytest.raises(ResourceNotFoundException):
        records.get(job.arn)


def test_numbers_that_json_does_not_have_are_refused(records: Records) -> None:
    with pytest.raises(ValueError):
        records.create(dataset(facts={"mean": float("nan")}))


def test_records_of_a_kind_come_newest_first(records: Records) -> None:
    for name, created in (("b", 20.0), ("c", 3.5), ("a", 1_700_000_000.001)):
        records.create(dataset(name, created))
    assert [record.name for record in records.of_kind("dataset")] == ["a", "b", "c"]


def test_pages_join_to_the_whole(records: Records) -> None:
    for number in range(7):
        records.create(dataset(f"d{number}", float(number)))
    page, position = records.page_of_kind("dataset", limit=3)
    rest, _ = records.page_of_kind("dataset", position)
    assert [record.name for record in page + rest] == [f"d{number}" for number in reversed(range(7))]


def test_children_are_those_of_this_parent_newest_first(records: Records) -> None:
    # "sales" is a prefix of "sales2": their children must not mix.
    for name, created in (("old", 1.0), ("new", 2.0)):
        records.create(import_job("sales", name, created))
    records.create(import_job("sales2", "other", 3.0))
    assert [record.name for record in records.children_of(dataset().arn)] == ["new", "old"]
    assert records.children_of(import_job("sales", "old", 1.0).arn) == []


def test_colliding_transactions_are_tried_again_and_then_given_up(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = boto3.client("dynamodb")
    answers = [["TransactionConflict"]] * 2
    calls = []
    transact = client.transact_write_items

    def colliding(**arguments: Any) -> Any:
        calls.append(arguments)
        if len(calls) <= len(answers):
            reasons = [{"Code": code} for code in answers[len(calls) - 1]]
            response = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
            raise client.exceptions.TransactionCanceledException(response, "TransactWriteItems")
        return transact(**arguments)

    monkeypatch.setattr(client, "transact_write_items", colliding)
    monkeypatch.setattr("forecast_service.records.table.time.sleep", lambda seconds: None)
    colliding_records = Records("records", client)
    colliding_records.create(dataset())
    assert len(calls) == 3
    assert records.get(dataset().arn) == dataset()
    answers = [["TransactionConflict"]] * 99
    with pytest.raises(ResourceInUseException, match="Try again"):
        colliding_records.update(dataset().arn, status="ACTIVE")


def test_of_many_writers_of_one_name_one_succeeds(records: Records) -> None:
    outcomes = []

    def create() -> None:
        try:
            records.create(dataset())
            outcomes.append("created")
        except ResourceAlreadyExistsException:
            outcomes.append("taken")

    threads = [Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["created"] + ["taken"] * 7
