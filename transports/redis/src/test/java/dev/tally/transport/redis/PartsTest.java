package dev.tally.transport.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.transport.SendOutcome;
import dev.tally.transport.client.KeyLanes;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisReadOnlyException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What can be told without a server. */
class PartsTest {

    @Test
    void quotasAddUpToAllPartitionsWhoeverIsThere() {
        for (int members = 1; members <= 9; members++) {
            List<String> names = new ArrayList<>(
                    IntStream.range(0, members).mapToObj(i -> "member-" + i).toList());
            for (int partitions = 1; partitions <= 20; partitions++) {
                int all = partitions;
                List<Integer> quotas = names.stream()
                        .map(name -> Quota.of(name, names, all, "topic"))
                        .toList();
                assertThat(quotas.stream().mapToInt(Integer::intValue).sum()).isEqualTo(partitions);
                assertThat(quotas)
                        .allSatisfy(quota -> assertThat(quota).isBetween(all / names.size(), all / names.size() + 1));
            }
        }
        assertThat(Quota.of("stranger", List.of("member"), 4, "topic")).isZero();
    }

    @Test
    void aKeysPartitionIsTheSameEverywhere() {
        // The check value that every description of CRC-32 has.
        assertThat(RedisKeys.partitionOf("123456789", 1 << 30)).isEqualTo(0xcbf43926 & ((1 << 30) - 1));
        assertThat(RedisKeys.partitionOf("Zürich", 7))
                .isEqualTo(RedisKeys.partitionOf("Zürich", 7))
                .isBetween(0, 6);
    }

    @Test
    void whatBelongsToOnePartitionHasOneHashTagAndNoTwoThingsHaveOneName() {
        RedisKeys keys = new RedisKeys("tally:");
        assertThat(RedisKeys.text(keys.stream("orders", 2))).isEqualTo("tally:{orders:2}");
        assertThat(RedisKeys.text(keys.lease("orders", 2, "g"))).isEqualTo("tally:{orders:2}:lease:g");
        assertThat(RedisKeys.text(keys.topic("orders:2"))).isNotEqualTo(RedisKeys.text(keys.stream("orders", 2)));
    }

    @Test
    void onlyWhatCannotGetBetterIsFinal() {
        assertThat(sent(new RedisCommandExecutionException("NOPERM this user has no permissions")))
                .isFalse();
        assertThat(sent(new RedisCommandExecutionException("WRONGTYPE Operation against a key")))
                .isFalse();
        assertThat(sent(new RedisCommandExecutionException("OOM command not allowed")))
                .isTrue();
        assertThat(sent(new RedisCommandExecutionException("MISCONF Redis is configured")))
                .isTrue();
        assertThat(sent(new CompletionException(new RedisConnectionException("gone"))))
                .isTrue();
    }

    private static boolean sent(Throwable thrown) {
        SendOutcome.Failed failed = Failures.ofSend(thrown, "Cannot send");
        assertThat(failed.reason())
                .startsWith("Cannot send: ")
                .contains(Failures.cause(thrown).getMessage());
        return failed.retryable();
    }

    @Test
    void anotherConnectionMayHelpWhereThisOneLedNowhere() {
        assertThat(Failures.isOfConnection(new RedisConnectionException("gone")))
                .isTrue();
        assertThat(Failures.isOfConnection(new NoAnswerException("late"))).isTrue();
        assertThat(Failures.isOfConnection(new RedisReadOnlyException("READONLY You can't write")))
                .isTrue();
        assertThat(Failures.isOfConnection(new RedisCommandExecutionException("OOM command not allowed")))
                .isFalse();
        assertThat(Failures.isOfConnection(new IllegalStateException("a fault here")))
                .isFalse();
    }

    @Test
    void aLeaseEndsHereBeforeItEndsAtTheServer() {
        Lease lease = new Lease(new byte[0], "me", "me:1", Duration.ofSeconds(10), 1_000);
        assertThat(lease.holds(1_000)).isTrue();
        assertThat(lease.holds(1_000 + Duration.ofMillis(8_999).toNanos())).isTrue();
        assertThat(lease.holds(1_000 + Duration.ofSeconds(9).toNanos())).isFalse();
        lease.renewed(1_000 + Duration.ofSeconds(5).toNanos());
        assertThat(lease.holds(1_000 + Duration.ofSeconds(9).toNanos())).isTrue();
    }

    @Test
    void settingsThatCannotWorkAreRefused() {
        assertThatThrownBy(() -> RedisSettings.builder(" ").build()).hasMessageContaining("instanceName");
        assertThatThrownBy(() -> RedisSettings.builder("i").prefix("{x}").build())
                .hasMessageContaining("brace");
        assertThatThrownBy(() -> RedisSettings.builder("i").partitions(0).build())
                .hasMessageContaining("partitions is 0");
        assertThatThrownBy(() -> RedisSettings.builder("i")
                        .leaseTime(Duration.ofMillis(10))
                        .build())
                .hasMessageContaining("leaseTime");
        assertThat(RedisSettings.builder("i")
                        .retention(Duration.ofDays(2))
                        .build()
                        .redeliveryHorizon())
                .isEqualTo(Duration.ofDays(2));
    }

    @Test
    void whatWaitsBehindAFailedMessageOfItsKeyIsNotSent() {
        KeyLanes lanes = new KeyLanes();
        KeyLanes.Lane lane = new KeyLanes.Lane("topic", "key");
        List<String> started = new ArrayList<>();
        List<CompletableFuture<SendOutcome>> outcomes = new ArrayList<>();
        for (String name : List.of("first", "second", "third")) {
            CompletableFuture<SendOutcome> outcome = new CompletableFuture<>();
            outcomes.add(outcome);
            lanes.depart(lane, new KeyLanes.Departure(() -> started.add(name), outcome));
        }
        assertThat(started).containsExactly("first");
        outcomes.get(0).complete(new SendOutcome.Sent("1-0"));
        assertThat(started).containsExactly("first", "second");
        outcomes.get(1).complete(new SendOutcome.Failed(true, "no", null));
        assertThat(started).containsExactly("first", "second");
        assertThat(outcomes.get(2).join())
                .isInstanceOfSatisfying(SendOutcome.Failed.class, failed -> assertThat(failed.retryable())
                        .isTrue());
        assertThat(lanes.size()).isZero();
    }
}
