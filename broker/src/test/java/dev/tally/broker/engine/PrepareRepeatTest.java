package dev.tally.broker.engine;

import static dev.tally.broker.engine.StoreFixture.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.tally.broker.store.Appended;
import dev.tally.broker.store.Decision;
import dev.tally.broker.store.DecisionOrigin;
import dev.tally.broker.store.DecisionOutcome;
import dev.tally.broker.store.DecisionOutcome.Decided;
import dev.tally.broker.store.DecisionRequest;
import dev.tally.broker.store.HalfState;
import dev.tally.broker.store.NewHalf;
import dev.tally.broker.store.NewMessage;
import dev.tally.broker.store.StoreRejectedException;
import dev.tally.broker.store.StoreRejectedException.Reason;
import dev.tally.testkit.scenario.Scenario;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class PrepareRepeatTest {

    private final StoreFixture fixture = StoreFixture.opened();

    private static NewHalf keyed(String key, String body) {
        return keyed(StoreFixture.GROUP, key, body);
    }

    private static NewHalf keyed(String group, String key, String body) {
        NewMessage message = message(body);
        return new NewHalf(message, group, key, null, stored -> stored.equals(message.payload()));
    }

    private long prepare(NewHalf half) {
        return fixture.store.prepare(half).join().position();
    }

    private Reason refusal(NewHalf half) {
        Throwable failure = catchThrowable(() -> fixture.store.prepare(half).join());
        assertThat(failure).isInstanceOf(CompletionException.class);
        assertThat(failure.getCause()).isInstanceOf(StoreRejectedException.class);
        assertThat(failure.getCause()).hasMessageContaining("k1").hasMessageContaining("nothing was written");
        return ((StoreRejectedException) failure.getCause()).reason();
    }

    @Scenario("broker-28")
    @Test
    void aRepeatedPrepareIsTheSameHalfMessageAlsoAfterARestart() {
        long position = prepare(keyed("k1", "h"));

        assertThat(prepare(keyed("k1", "h"))).isEqualTo(position);
        fixture.crashAndReopen();
        assertThat(prepare(keyed("k1", "h"))).isEqualTo(position);
        assertThat(fixture.store.stats().halves()).isEqualTo(1);

        assertThat(fixture.commit(position)).isEqualTo(new Decided(Decision.COMMIT, 0, true));
        assertThat(fixture.visible()).containsExactly("h");
        assertThat(fixture.store.undecided(HalfState.PREPARED, 9)).isEmpty();
    }

    @Scenario("broker-28")
    @Test
    void repeatsInOneBatchAreOneHalfMessageAndAllGetItsPosition() {
        fixture.workers.hold();
        List<CompletableFuture<Appended>> answers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            answers.add(fixture.store.prepare(keyed("k1", "h")));
        }
        CompletableFuture<Appended> other = fixture.store.prepare(keyed("k1", "another"));
        assertThat(answers).noneMatch(CompletableFuture::isDone);
        fixture.workers.release();

        assertThat(answers).allSatisfy(answer -> assertThat(answer.join())
                .isEqualTo(answers.get(0).join()));
        assertThat(other).isCompletedExceptionally();
        assertThat(fixture.store.stats().halves()).isEqualTo(1);
    }

    @Scenario("broker-28")
    @Test
    void anotherMessageUnderTheSameKeyIsRefused() {
        long position = prepare(keyed("k1", "h"));

        assertThat(refusal(keyed("k1", "another"))).isEqualTo(Reason.KEY_TAKEN);
        fixture.crashAndReopen();
        assertThat(refusal(keyed("k1", "another"))).isEqualTo(Reason.KEY_TAKEN);

        assertThat(fixture.store.stats().halves()).isEqualTo(1);
        assertThat(fixture.commit(position)).isInstanceOf(Decided.class);
        assertThat(fixture.visible()).containsExactly("h");
    }

    @Test
    void theKeyBelongsToTheGroup() {
        long position = prepare(keyed("group a", "k1", "h"));

        assertThat(prepare(keyed("group b", "k1", "h"))).isNotEqualTo(position);
        assertThat(fixture.store.stats().halves()).isEqualTo(2);
    }

    @Scenario("broker-28")
    @Test
    void aRepeatAfterACheckBackDecidedGetsTheDecidedPosition() {
        long position = prepare(keyed("k1", "h"));
        decideByCheckBack(position, Decision.ROLLBACK);

        assertThat(prepare(keyed("k1", "h"))).isEqualTo(position);
        fixture.crashAndReopen();
        assertThat(prepare(keyed("k1", "h"))).isEqualTo(position);
        assertThat(fixture.commit(position)).isEqualTo(new DecisionOutcome.Conflict(Decision.ROLLBACK));
        assertThat(fixture.visible()).isEmpty();
    }

    @Test
    void theSameMessageAfterItsProducerDecidedIsANewOne() {
        long first = prepare(keyed("k1", "h"));
        fixture.commit(first);

        long second = prepare(keyed("k1", "h"));
        assertThat(second).isNotEqualTo(first);
        fixture.commit(second);

        assertThat(fixture.visible()).containsExactly("h", "h");
    }

    private void decideByCheckBack(long position, Decision decision) {
        fixture.store
                .decide(new DecisionRequest(position, StoreFixture.GROUP, decision, DecisionOrigin.CHECK_BACK))
                .join();
    }

    @Test
    void halfMessagesWithoutAKeyAreNeverRepeats() {
        long first = prepare(keyed("", "h"));
        assertThat(prepare(keyed("", "h"))).isNotEqualTo(first);
        long named = fixture.prepare("x");
        assertThat(fixture.prepare("x")).isNotEqualTo(named);
    }
}
