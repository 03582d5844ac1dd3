from __future__ import annotations

from dataclasses import replace

from isthmus.cli.demo.evidence import Evidence
from isthmus.cli.demo.verdict import Rule, missing, verdict
from tests.unit.common.cli.demo.runs import (
    a_cash_sale,
    a_command,
    a_fact,
    a_kill,
    a_letter,
    a_post,
    a_run,
    a_sales_order,
    an_order,
    an_outcome,
    without_booking,
)


def broken(run: Evidence) -> set[Rule]:
    return {breach.rule for breach in verdict(run).breaches}


class TestGreen:
    def test_is_a_run_in_which_every_order_is_where_it_must_be(self) -> None:
        found = verdict(a_run())

        assert found.exit_code == 0
        assert not missing(a_run())

    def test_is_an_order_that_needs_no_record(self) -> None:
        assert not broken(without_booking(a_run(an_order(status="CANCELLED"))))

    def test_is_a_dead_letter_that_was_replayed_and_booked(self) -> None:
        order = an_order(kind="unknown_sku")

        assert not broken(replace(a_run(order), letters=[a_letter(order, settled=True)]))

    def test_counts_each_kind(self) -> None:
        (row,) = verdict(a_run()).rows

        assert (row.orders, row.facts, row.due, row.commands, row.booked) == (1, 1, 1, 1, 1)


class TestLost:
    def test_is_an_order_without_a_fact(self) -> None:
        run = replace(without_booking(a_run()), facts=[])

        assert broken(run) == {Rule.LOST}
        assert verdict(run).exit_code == 1

    def test_is_a_change_that_never_became_a_fact(self) -> None:
        assert broken(a_run(an_order(updated=2))) == {Rule.LOST}

    def test_is_a_paid_order_without_a_command(self) -> None:
        assert broken(without_booking(a_run())) == {Rule.LOST}

    def test_is_a_command_without_a_record(self) -> None:
        run = replace(a_run(), booked=[])

        assert broken(run) == {Rule.LOST}
        assert missing(run) == 1


class TestDoubled:
    def test_is_an_order_with_records_of_two_types(self) -> None:
        order = an_order()
        run = replace(a_run(order), booked=[a_sales_order(order), a_cash_sale(order)])

        assert Rule.DOUBLED in broken(run)

    def test_is_a_record_created_twice(self) -> None:
        run = replace(a_run(), booked=[a_sales_order(an_order(), creations=2)])

        assert broken(run) == {Rule.DOUBLED}

    def test_is_a_command_with_two_outcomes(self) -> None:
        outcome = an_outcome(a_command(an_order()))

        assert broken(replace(a_run(), outcomes=[outcome, outcome])) == {Rule.DOUBLED}


class TestOutOfOrder:
    def test_is_an_older_fact_behind_a_newer_one(self) -> None:
        order = an_order(updated=1)
        facts = [a_fact(order, updated=2), a_fact(order, updated=1)]

        assert broken(replace(a_run(order), facts=facts)) == {Rule.OUT_OF_ORDER}

    def test_is_a_command_of_an_older_fact_behind_that_of_a_newer_one(self) -> None:
        order = an_order()
        commands = [a_command(order, offset=0, of=2), a_command(order, offset=1, of=1)]
        outcomes = [an_outcome(command) for command in commands]

        run = replace(a_run(order), commands=commands, outcomes=outcomes)

        assert broken(run) == {Rule.OUT_OF_ORDER}

    def test_is_an_outcome_before_that_of_an_earlier_command(self) -> None:
        order = an_order()
        first, second = a_command(order, offset=9), a_command(order, offset=10)
        run = replace(
            a_run(order),
            commands=[first, second],
            outcomes=[an_outcome(second), an_outcome(first)],
        )

        assert broken(run) == {Rule.OUT_OF_ORDER}


class TestUncalledFor:
    def test_is_a_record_of_an_order_that_was_cancelled(self) -> None:
        assert broken(a_run(an_order(status="CANCELLED"))) == {Rule.UNCALLED_FOR}

    def test_is_a_record_of_the_wrong_type(self) -> None:
        order = an_order(by="AMAZON", status="SHIPPED")

        assert Rule.UNCALLED_FOR in broken(a_run(order))

    def test_is_a_fact_of_an_order_that_amazon_does_not_have(self) -> None:
        order = an_order()
        facts = [a_fact(order), a_fact(an_order("999-9-9"))]

        assert broken(replace(a_run(order), facts=facts)) == {Rule.UNCALLED_FOR}


class TestLeftOpen:
    def test_is_a_dead_letter_that_nobody_dealt_with(self) -> None:
        run = replace(without_booking(a_run()), letters=[a_letter(an_order())])

        assert broken(run) == {Rule.OPEN}
        assert missing(run) == 1

    def test_is_a_conflict_on_an_order_that_is_booked(self) -> None:
        run = replace(a_run(), letters=[a_letter(an_order(), reason="conflict")])

        assert broken(run) == {Rule.OPEN}

    def test_is_a_command_without_an_outcome(self) -> None:
        assert broken(replace(a_run(), outcomes=[])) == {Rule.OPEN}

    def test_is_a_record_that_no_group_has_finished(self) -> None:
        assert broken(replace(a_run(), unread=1)) == {Rule.OPEN}


class TestRefusedPosts:
    def refused(self, run: Evidence, *, time: float = 6) -> Evidence:
        again = a_post(an_order(), effect="duplicate", time=time)
        return replace(run, calls=[*run.calls, again])

    def test_need_a_cause(self) -> None:
        run = self.refused(a_run())

        assert broken(run) == {Rule.UNEXPLAINED}
        assert [one.why for one in verdict(run).refusals] == [None]

    def test_are_explained_by_a_fault_that_hid_the_first_answer(self) -> None:
        hidden = a_post(an_order(), fault="commit_then_timeout", status=0)
        outcome = an_outcome(a_command(an_order()), written=7)

        run = self.refused(replace(a_run(), calls=[hidden], outcomes=[outcome]))

        assert not broken(run)
        assert [one.why for one in verdict(run).refusals] == ["commit_then_timeout"]

    def test_are_not_explained_by_a_fault_once_the_outcome_was_written(self) -> None:
        hidden = a_post(an_order(), fault="commit_then_timeout", status=0)

        run = self.refused(replace(a_run(), calls=[hidden]))

        assert broken(run) == {Rule.UNEXPLAINED}

    def test_are_not_explained_by_a_fault_that_let_the_answer_through(self) -> None:
        slow = a_post(an_order(), fault="slow")
        outcome = an_outcome(a_command(an_order()), written=7)

        run = self.refused(replace(a_run(), calls=[slow], outcomes=[outcome]))

        assert broken(run) == {Rule.UNEXPLAINED}

    def test_are_explained_by_a_kill_before_the_outcome_was_written(self) -> None:
        command = a_command(an_order())
        run = replace(a_run(), deaths=[a_kill(time=4.5)], outcomes=[an_outcome(command, written=7)])

        assert [one.why for one in verdict(self.refused(run)).refusals] == ["kill -9"]

    def test_are_explained_by_a_later_command_of_the_order(self) -> None:
        commands = [a_command(an_order(), offset=0), a_command(an_order(), offset=1)]
        outcomes = [an_outcome(commands[0], written=5), an_outcome(commands[1], written=7)]
        run = replace(a_run(), commands=commands, outcomes=outcomes)

        assert [one.why for one in verdict(self.refused(run)).refusals] == ["commanded again"]

    def test_are_not_explained_by_a_later_command_that_has_its_outcome(self) -> None:
        commands = [a_command(an_order(), offset=0), a_command(an_order(), offset=1)]
        outcomes = [an_outcome(commands[0], written=5), an_outcome(commands[1], written=5.5)]
        run = replace(a_run(), commands=commands, outcomes=outcomes)

        assert broken(self.refused(run)) == {Rule.UNEXPLAINED}

    def test_are_not_explained_by_a_kill_after_the_outcome_was_written(self) -> None:
        run = replace(a_run(), deaths=[a_kill(time=5.5)])

        assert broken(self.refused(run)) == {Rule.UNEXPLAINED}

    def test_are_not_explained_by_a_kill_of_another_kind_of_worker(self) -> None:
        command = a_command(an_order())
        run = replace(
            a_run(),
            deaths=[a_kill(time=4.5, worker="mapper")],
            outcomes=[an_outcome(command, written=7)],
        )

        assert broken(self.refused(run)) == {Rule.UNEXPLAINED}

    def test_are_not_explained_by_a_kill_long_before(self) -> None:
        run = replace(a_run(), deaths=[a_kill(time=0)])

        assert broken(self.refused(run)) == {Rule.UNEXPLAINED}
