package dev.tally.outbox.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.message.Message;
import dev.tally.outbox.OutboxSettings;
import dev.tally.testkit.scenario.Scenario;
import dev.tally.transport.SendOutcome;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class OutboxRelayTest {

    private static final SendOutcome RETRYABLE = new SendOutcome.Failed(true, "not now", null);

    private final RelayWorld world = new RelayWorld(1);

    private RelayWorld.Process process(OutboxSettings settings) {
        return world.new Process(settings);
    }

    @Test
    void sendsTheCopyInMemoryWithoutReadingTheTable() {
        RelayWorld.Process process = process(RelayWorld.settings().build());
        world.table.reads = 0;
        world.table.statements = 0;
        process.publish("k", "a");
        process.publish(null, "b");
        process.publish("other", "c");
        world.time.advance(Duration.ofMillis(50));
        assertThat(world.ids()).containsExactlyInAnyOrder("a", "b", "c");
        assertThat(world.table.rows).isEmpty();
        assertThat(world.table.reads).isZero();
        assertThat(world.table.statements)
                .as("an insert for each transaction, and one statement that removes all")
                .isEqualTo(3 + 1);
    }

    @Scenario("messaging-3")
    @Test
    void sendsNothingOfARolledBackTransaction() {
        RelayWorld.Process process = process(RelayWorld.settings().build());
        RelayWorld.Transaction transaction = process.begin("k", "a");
        process.publish("k", "b");
        transaction.rollBack();
        transaction.settlement().rolledBack();
        world.time.advance(Duration.ofSeconds(1));
        assertThat(world.ids()).containsExactly("b");
    }

    @Test
    void aLaterIdOfAKeyWaitsForAnEarlierUndecidedOne() {
        RelayWorld.Process process = process(RelayWorld.settings().build());
        RelayWorld.Transaction first = process.begin("k", "a");
        process.publish("k", "b");
        process.publish("other", "c");
        world.time.advance(Duration.ofSeconds(1));
        assertThat(world.ids()).containsExactly("c");
        first.commit();
        first.settlement().committed();
        world.time.advance(Duration.ofSeconds(1));
        assertThat(world.ids()).containsExactly("c", "a", "b");
    }

    @Scenario("messaging-2")
    @Test
    void theRowDecidesWhenNobodySawTheCommit() {
        RelayWorld.Process process = process(RelayWorld.settings().build());
        RelayWorld.Transaction committed = process.begin("k", "a");
        RelayWorld.Transaction rolledBack = process.begin("k", "b");
        process.publish("k", "c");
        committed.settlement().unknown();
        rolledBack.settlement().unknown();
        world.time.advance(Duration.ofSeconds(5));
        assertThat(world.ids()).isEmpty();
        committed.commit();
        rolledBack.rollBack();
        world.time.advance(Duration.ofSeconds(5));
        assertThat(world.ids()).containsExactly("a", "c");
    }

    @Test
    void aFailingMessageHoldsOnlyItsOwnKey() {
        RelayWorld.Process process = process(RelayWorld.settings().build());
        world.broker = message ->
                message.id().value().equals("a1") && world.attempts < 6 ? RETRYABLE : new SendOutcome.Sent("ok");
        process.publish("a", "a1");
        process.publish("a", "a2");
        process.publish("b", "b1");
        process.publish("b", "b2");
        world.time.advance(Duration.ofMillis(20));
        assertThat(world.ids()).containsExactly("b1", "b2");
        world.time.advance(Duration.ofSeconds(10));
        assertThat(world.firstDeliveries("a")).containsExactly("a1", "a2");
    }

    @Scenario("messaging-8")
    @Test
    void aMessageIsParkedWhenItsAttemptsAreUsedUpAndItsKeyGoesOn() {
        RelayWorld.Process process =
                process(RelayWorld.settings().maxAttempts(3).build());
        world.broker = message -> message.id().value().equals("poison") ? RETRYABLE : new SendOutcome.Sent("ok");
        process.publish("k", "poison", "next");
        world.time.advance(Duration.ofMinutes(1));
        assertThat(world.ids()).containsExactly("next");
        assertThat(world.table.parked.values()).singleElement().satisfies(parked -> {
            assertThat(parked.attempts()).isEqualTo(3);
            assertThat(parked.reason()).isEqualTo("not now");
        });
    }

    @Scenario("messaging-4")
    @Test
    void aDeadBrokerIsProbedAndNotHammeredAndNothingIsParked() {
        RelayWorld.Process process = process(RelayWorld.settings()
                .memoryEntries(100)
                .maxAttempts(3)
                .circuitFailures(5)
                .build());
        world.broker = message -> RETRYABLE;
        for (int i = 0; i < 1000; i++) {
            process.publish("k" + i, "m" + i);
        }
        world.time.advance(Duration.ofHours(1));
        assertThat(world.attempts).isLessThan(5000);
        assertThat(process.relay.stats().pendingInMemory()).isLessThanOrEqualTo(100);
        assertThat(process.relay.stats().brokerReachable()).isFalse();
        assertThat(world.table.parked).isEmpty();
        world.broker = message -> new SendOutcome.Sent("ok");
        world.time.advance(Duration.ofMinutes(1));
        assertThat(world.ids()).hasSize(1000).doesNotHaveDuplicates();
        assertThat(world.table.rows).isEmpty();
    }

    @Scenario("messaging-5")
    @Test
    void aSlowBrokerHasABoundedNumberOfMessagesInFlight() {
        RelayWorld.Process process =
                process(RelayWorld.settings().maxInFlight(10).build());
        world.latency = message -> Duration.ofSeconds(5);
        for (int i = 0; i < 100; i++) {
            process.publish(null, "m" + i);
        }
        world.time.advance(Duration.ofSeconds(4));
        assertThat(world.attempts).isEqualTo(10);
        world.time.advance(Duration.ofMinutes(2));
        assertThat(world.ids()).hasSize(100).doesNotHaveDuplicates();
    }

    @Scenario("messaging-6")
    @Test
    void aPausedNodeSendsNothingUnderItsOldIdentityWhenItWakes() {
        RelayWorld.Process paused = process(RelayWorld.settings().build());
        world.broker = message -> RETRYABLE;
        paused.publish("k", "a", "b", "c");
        world.time.advance(Duration.ofMillis(50));
        paused.threads.pause();
        RelayWorld.Process other = process(RelayWorld.settings().build());
        world.broker = message -> new SendOutcome.Sent("ok");
        world.time.advance(Duration.ofSeconds(20));
        assertThat(world.ids()).containsExactly("a", "b", "c");
        paused.threads.wake();
        world.time.advance(Duration.ofSeconds(20));
        assertThat(world.ids()).containsExactly("a", "b", "c");
        paused.publish("k", "d");
        world.time.advance(Duration.ofSeconds(20));
        assertThat(world.ids()).containsExactly("a", "b", "c", "d");
        assertThat(other.relay.stats().rowsPending()).isZero();
    }

    @Scenario("messaging-10")
    @Test
    void sendsAndCompletesAfterTheDatabaseIsBack() {
        RelayWorld.Process process = process(RelayWorld.settings().build());
        for (int i = 0; i < 50; i++) {
            process.publish("k" + i % 5, "m" + i);
        }
        world.table.down = true;
        world.time.advance(Duration.ofMinutes(10));
        world.table.down = false;
        world.time.advance(Duration.ofSeconds(30));
        assertThat(world.ids()).hasSize(50).doesNotHaveDuplicates();
        assertThat(world.table.rows).isEmpty();
    }

    @Test
    void handsTheMessageToTheTransportUnchanged() {
        RelayWorld.Process process = process(RelayWorld.settings().build());
        process.publish("k", "a");
        world.time.advance(Duration.ofSeconds(1));
        Message message = world.delivered.get(0);
        assertThat(message.key()).isEqualTo("k");
        assertThat(message.payload()).containsExactly(1, 2, 3);
    }
}
