package dev.tally.broker.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.broker.env.SimulatedDisk.Loss;
import dev.tally.broker.protocol.Command;
import dev.tally.broker.protocol.MessageEncoding;
import dev.tally.testkit.scenario.Scenario;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SlowDiskTest {

    private static final int BUSY = 2;
    private static final int CLIENT_TIMEOUT_MILLIS = 3000;

    private final CoreFixture fixture = new CoreFixture();
    private final FakeConnection client = new FakeConnection(1);
    private final List<Command> sent = new ArrayList<>();

    @AfterEach
    void close() {
        fixture.close();
    }

    private Command send(int number, boolean half) {
        Map<String, String> properties = half ? Map.of("TRAN_MSG", "true", "PGROUP", CoreFixture.GROUP) : Map.of();
        Command send = fixture.send(CoreFixture.TOPIC, number % 4, "k" + number, "m" + number, properties);
        sent.add(send);
        fixture.receive(client, send);
        return send;
    }

    @Scenario("broker-11")
    @Test
    void nothingIsAcknowledgedBeforeTheForceEndsAndWhatClientsRepeatMeanwhileIsStoredOnce() {
        fixture.open();
        send(0, false);
        Random random = new Random(11);
        int[] number = {0};
        boolean[] forcing = {false};
        fixture.disk.whileForcing(() -> {
            if (forcing[0] || number[0] == 0 || number[0] > 60) {
                return;
            }
            forcing[0] = true;
            int before = client.written().size();
            int seconds = 1 + random.nextInt(30);
            int waiting = number[0];
            for (int passed = 0; passed < seconds; passed += 3) {
                fixture.advanceMillis(CLIENT_TIMEOUT_MILLIS);
                send(waiting, waiting % 3 == 0);
                send(++number[0], number[0] % 3 == 0);
            }
            assertThat(client.written()).as("no answer while the disk is busy").hasSize(before);
            forcing[0] = false;
        });
        while (number[0] < 40) {
            number[0]++;
            send(number[0], number[0] % 3 == 0);
        }

        assertThat(sent).hasSizeGreaterThan(number[0] + 10);
        assertThat(sent)
                .allSatisfy(send -> assertThat(CoreFixture.codeOf(client, send)).isZero());
        int halves = number[0] / 3;
        assertThat(fixture.store.stats().halves()).isEqualTo(halves);
        assertThat(bodies()).hasSize(1 + number[0] - halves).doesNotHaveDuplicates();
    }

    private List<String> bodies() {
        List<String> bodies = new ArrayList<>();
        for (int queue = 0; queue < 4; queue++) {
            fixture.read(queue)
                    .forEach(message -> bodies.add(StandardCharsets.UTF_8
                            .decode(MessageEncoding.decode(message.payload()).body())
                            .toString()));
        }
        return bodies;
    }

    @Scenario("broker-11")
    @Test
    void aStalledDiskBoundsWhatWaitsAndSaysBusyAndGoesOnByItself() {
        fixture.config = fixture.config.withMaxQueuedBytes(64 * 1024);
        fixture.open();
        send(0, false);
        fixture.workers.hold();
        Set<Command> refused = new HashSet<>();
        for (int i = 1; i <= 2000; i++) {
            Command send = send(i, i % 2 == 0);
            if (CoreFixture.answerTo(client, send) != null) {
                assertThat(CoreFixture.codeOf(client, send)).isEqualTo(BUSY);
                refused.add(send);
            }
        }
        int taken = 2000 - refused.size();
        assertThat(taken).isBetween(50, 400);

        // What was refused may come again, at once or later, and is not mistaken for a repeat of something stored.
        Command late = sent.get(sent.size() - 2);
        assertThat(refused).contains(late);
        fixture.workers.release();
        fixture.receive(
                client, new Command(late.form(), late.code(), 0, 0, 777_777, 0, null, late.fields(), late.body()));

        assertThat(fixture.visible() + fixture.store.stats().halves()).isEqualTo(1 + taken + 1L);
        assertThat(client.written())
                .filteredOn(answer -> answer.response() && answer.code() == 0)
                .hasSize(taken + 2);
    }

    @Scenario("broker-11")
    @Test
    void aKillWhileTheDiskStallsTakesNothingThatWasAcknowledged() {
        fixture.open();
        send(0, false);
        fixture.disk.whileForcing(() -> {
            throw new IllegalStateException("killed while forcing");
        });
        send(1, false);
        assertThat(CoreFixture.codeOf(client, sent.get(1))).isNotZero();

        fixture.crashAndReopen(Loss.EVERYTHING);

        assertThat(bodies()).containsExactly("m0");
        FakeConnection again = new FakeConnection(2);
        fixture.receive(again, fixture.send(CoreFixture.TOPIC, 2, "k1", "m1", Map.of()));
        assertThat(bodies()).containsExactlyInAnyOrder("m0", "m1");
    }
}
