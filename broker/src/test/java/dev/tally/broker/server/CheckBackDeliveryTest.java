package dev.tally.broker.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.Fields;
import dev.tally.broker.protocol.OffsetMessageId;
import dev.tally.broker.protocol.RequestCode;
import dev.tally.broker.protocol.SysFlag;
import dev.tally.broker.store.HalfState;
import dev.tally.testkit.scenario.Scenario;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CheckBackDeliveryTest {

    private static final int ROUND_MILLIS = 200;

    private final CoreFixture fixture = new CoreFixture().open();
    private int ports = 2000;

    @AfterEach
    void close() {
        fixture.close();
    }

    private FakeConnection producer(String group) {
        FakeConnection producer = new FakeConnection(ports++);
        fixture.heartbeat(producer, group);
        return producer;
    }

    /** A producer that is there and answers a check with that decision, or not at all. */
    private FakeConnection live(String group, Integer decision) {
        FakeConnection producer = producer(group);
        return producer.client(command -> {
            if (command.code() == RequestCode.GET_CONSUMER_RUNNING_INFO && !command.response()) {
                Command reply = fixture.request(1, Fields.none(), "");
                fixture.receive(
                        producer,
                        new Command(
                                reply.form(),
                                1,
                                0,
                                0,
                                command.opaque(),
                                1,
                                "no such group",
                                Fields.none(),
                                reply.body()));
            } else if (command.code() == RequestCode.CHECK_TRANSACTION_STATE && decision != null) {
                long position = command.fields().requiredLongNumber("commitLogOffset");
                fixture.receive(producer, fixture.decision(position, decision, true));
            }
        });
    }

    private long prepare(String key) {
        FakeConnection connection = new FakeConnection(ports++);
        Command prepare = fixture.prepare(connection, key, "body of " + key);
        return OffsetMessageId.position(
                CoreFixture.answerTo(connection, prepare).requiredText("msgId"));
    }

    private void rounds(int count) {
        for (int i = 0; i < count; i++) {
            fixture.advanceMillis(ROUND_MILLIS);
            fixture.core.checkBackRound();
        }
    }

    private int checksOf(long position) {
        return fixture.store.undecided(HalfState.PREPARED, 10_000).stream()
                .filter(half -> half.position() == position)
                .findFirst()
                .orElseThrow()
                .checks();
    }

    @Scenario("broker-25")
    @Test
    void reachesTheLiveOneAmongFortyNineDeadSocketsWithinOneTimeout() {
        long position = prepare("k");
        fixture.advanceMillis(5000);
        List<FakeConnection> dead = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            dead.add(producer(CoreFixture.GROUP));
        }
        FakeConnection live = live(CoreFixture.GROUP, 0);
        for (int i = 0; i < 24; i++) {
            dead.add(producer(CoreFixture.GROUP));
        }
        fixture.advanceMillis(1000);

        fixture.core.checkBackRound();
        boolean deadWasFirst = live.checks() == 0;
        assertThat(deadWasFirst).isTrue();
        rounds(Inquiries.SILENT_ROUNDS - 1);
        assertThat(checksOf(position)).as("no dead socket counts").isZero();
        assertThat(dead.stream().mapToLong(FakeConnection::checks).sum()).isEqualTo(1);
        rounds(1);

        assertThat(live.checks()).isEqualTo(1);
        assertThat(checksOf(position)).as("the live one counts, once").isEqualTo(1);
        long other = prepare("k2");
        fixture.advanceMillis(6000);
        rounds(Inquiries.SILENT_ROUNDS + 1);
        long askedOfDead = dead.stream().mapToLong(FakeConnection::checks).sum();
        long third = prepare("k3");
        fixture.advanceMillis(6000);
        rounds(2);
        assertThat(checksOf(other)).isEqualTo(1);
        assertThat(checksOf(third)).isEqualTo(1);
        assertThat(dead.stream().mapToLong(FakeConnection::checks).sum())
                .as("the dead are not asked any more")
                .isEqualTo(askedOfDead);
    }

    @Scenario("broker-25")
    @Test
    void aSilentConnectionIsAskedAgainWhenItIsHeardAndNoneOfItsChecksCounted() {
        long position = prepare("k");
        FakeConnection frozen = producer(CoreFixture.GROUP);
        fixture.advanceMillis(6000);
        rounds(200);
        assertThat(frozen.checks()).isPositive();
        assertThat(checksOf(position)).isZero();

        fixture.heartbeat(frozen, CoreFixture.GROUP);
        rounds(20);
        fixture.heartbeat(frozen, CoreFixture.GROUP);

        assertThat(checksOf(position)).isEqualTo(1);
    }

    @Test
    void aConnectionThatBreaksIsReplacedInTheNextRound() {
        long position = prepare("k");
        FakeConnection one = producer(CoreFixture.GROUP);
        fixture.advanceMillis(6000);
        rounds(1);
        assertThat(one.checks()).isEqualTo(1);
        FakeConnection other = live(CoreFixture.GROUP, SysFlag.COMMITTED);
        fixture.gone(one);
        rounds(1);

        assertThat(other.checks()).isEqualTo(1);
        assertThat(fixture.store.stats().committedByCheckBack()).isEqualTo(1);
        assertThat(fixture.visible()).isEqualTo(1);
        assertThat(fixture.store.messageAt(position)).isNotNull();
    }

    @Scenario("broker-27")
    @Test
    void aHandlerThatNeverAnswersIsGivenABoundedNumberAndOthersAreUnaffected() {
        FakeConnection hanging = live(CoreFixture.GROUP, null);
        for (int i = 0; i < 3 * Inquiries.MOST_FOR_ONE; i++) {
            prepare("hang" + i);
        }
        FakeConnection quick = live("others", SysFlag.COMMITTED);
        FakeConnection sender = new FakeConnection(1);
        Command prepare =
                fixture.send(CoreFixture.TOPIC, 0, "quick", "q", Map.of("TRAN_MSG", "true", "PGROUP", "others"));
        fixture.receive(sender, prepare);
        fixture.advanceMillis(6100);
        rounds(3);

        // Within a few rounds, although three times what one producer may be given was due before.
        assertThat(hanging.checks()).isEqualTo(Inquiries.MOST_FOR_ONE);
        assertThat(quick.checks()).isEqualTo(1);
        fixture.receive(quick, decisionOfOthers(CoreFixture.answerTo(sender, prepare)));
        assertThat(fixture.visible()).isEqualTo(1);

        // After the timeout of each the next ones are asked, and those that were asked counted.
        rounds(Inquiries.ANSWER_ROUNDS + 12);
        assertThat(hanging.checks()).isGreaterThan(Inquiries.MOST_FOR_ONE);
        assertThat(fixture.store.stats().checksDelivered()).isGreaterThanOrEqualTo(2L * Inquiries.MOST_FOR_ONE);
    }

    private Command decisionOfOthers(Fields prepared) {
        return fixture.request(
                RequestCode.END_TRANSACTION,
                Fields.of(
                        "producerGroup",
                        "others",
                        "commitLogOffset",
                        OffsetMessageId.position(prepared.requiredText("msgId")),
                        "commitOrRollback",
                        SysFlag.COMMITTED,
                        "fromTransactionCheck",
                        true),
                "");
    }

    @Scenario("broker-27")
    @Test
    void garbageInPlaceOfAnAnswerDecidesNothingAndTheNextCheckAsksAgain() {
        long position = prepare("k");
        FakeConnection producer = live(CoreFixture.GROUP, 99);
        fixture.advanceMillis(6100);
        rounds(2);
        fixture.receive(producer, fixture.decision(position + 1, SysFlag.COMMITTED, true));
        fixture.receive(producer, fixture.request(RequestCode.END_TRANSACTION, Fields.of("producerGroup", "x"), ""));
        fixture.receive(
                producer,
                fixture.request(
                        RequestCode.END_TRANSACTION,
                        Fields.of("producerGroup", CoreFixture.GROUP, "commitLogOffset", "abc", "commitOrRollback", 8),
                        ""));

        assertThat(checksOf(position)).isEqualTo(1);
        assertThat(fixture.visible()).isZero();
        fixture.advanceMillis(12_000);
        rounds(2);
        assertThat(producer.checks()).isEqualTo(2);
        fixture.receive(producer, fixture.decision(position, SysFlag.COMMITTED, true));
        assertThat(fixture.visible()).isEqualTo(1);
    }

    @Scenario("broker-27")
    @Test
    void unknownAnswersCountAndEndInTheParkingWithoutLoss() {
        long position = prepare("k");
        FakeConnection producer = live(CoreFixture.GROUP, 0);
        for (int i = 0; i < 20; i++) {
            fixture.advanceMillis(30_000);
            fixture.heartbeat(producer, CoreFixture.GROUP);
            rounds(1);
            fixture.tick();
        }

        assertThat(producer.checks()).isEqualTo(3);
        assertThat(fixture.store.undecided(HalfState.PARKED, 9))
                .singleElement()
                .satisfies(half -> assertThat(half.position()).isEqualTo(position));
        fixture.receive(producer, fixture.decision(position, SysFlag.COMMITTED, true));
        assertThat(fixture.visible()).isEqualTo(1);
    }

    @Scenario("broker-15")
    @Test
    void aProducersSkewedClockMovesNoCheck() {
        FakeConnection producer = live(CoreFixture.GROUP, 0);
        Map<String, String> half = Map.of("TRAN_MSG", "true", "PGROUP", CoreFixture.GROUP);
        for (long skew : new long[] {-86_400_000, 0, 86_400_000}) {
            Command send = fixture.send(CoreFixture.TOPIC, 0, "k" + skew, "m", half);
            Map<String, String> fields = new LinkedHashMap<>(send.fields().asMap());
            fields.put("bornTimestamp", Long.toString(fixture.clock.millis() + skew));
            Object[] pairs = fields.entrySet().stream()
                    .flatMap(field -> Stream.of(field.getKey(), field.getValue()))
                    .toArray();
            fixture.receive(producer, fixture.request(send.code(), Fields.of(pairs), "m"));
        }
        fixture.advanceMillis(5900);
        fixture.core.checkBackRound();
        assertThat(producer.checks()).isZero();
        fixture.advanceMillis(200);
        fixture.core.checkBackRound();
        assertThat(producer.checks()).isEqualTo(3);
        assertThat(fixture.store.stats().checksDelivered()).isEqualTo(3);
    }

    @Test
    void aPauseOfAMinuteAsksNoMoreThanARoundAtOnce() {
        FakeConnection producer = live(CoreFixture.GROUP, 0);
        for (int i = 0; i < 1000; i++) {
            prepare("k" + i);
        }
        fixture.advanceMillis(60_000);

        fixture.core.checkBackRound();

        assertThat(producer.checks()).isLessThanOrEqualTo(256);
        rounds(10);
        assertThat(producer.checks()).as("each once").isEqualTo(1000);
    }
}
