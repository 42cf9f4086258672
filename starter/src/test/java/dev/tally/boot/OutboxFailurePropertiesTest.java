package dev.tally.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.outbox.OutboxRetryRules;
import dev.tally.outbox.OutboxRetryRules.Verdict;
import dev.tally.outbox.OutboxSettings;
import dev.tally.outbox.PoisonPolicy;
import dev.tally.transport.SendOutcome.Failed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class OutboxFailurePropertiesTest {

    private static final Message MESSAGE =
            new Message(new MessageId("m"), Destination.topic("t"), "k", "type", Headers.empty(), new byte[0]);

    private static TallyOutboxProperties bound(Map<String, String> properties) {
        return new Binder(new MapConfigurationPropertySource(properties))
                .bindOrCreate("tally.outbox", TallyOutboxProperties.class);
    }

    @Test
    void withoutPropertiesAllIsAsTheTransportSays() {
        TallyOutboxProperties properties = bound(Map.of());
        OutboxSettings settings = properties.settings("");
        assertThat(settings.drainRate()).isInfinite();
        assertThat(settings.poisonPolicyOf("t")).isEqualTo(PoisonPolicy.CONTINUE);
        OutboxRetryRules rules = properties.retry().rules();
        assertThat(rules.verdict(MESSAGE, new Failed(true, "x", null))).isEqualTo(Verdict.RETRY);
        assertThat(rules.verdict(MESSAGE, new Failed(false, "x", null))).isEqualTo(Verdict.PARK);
    }

    @Test
    void propertiesSayWhatIsRetriedHowFastABacklogDrainsAndWhoWaits() {
        TallyOutboxProperties properties = bound(Map.of(
                "tally.outbox.drain-rate", "250.5",
                "tally.outbox.poison-policy", "block",
                "tally.outbox.poison-policy-by-topic.audit-log", "continue",
                "tally.outbox.retry.park-at-once", "java.io.UncheckedIOException,reason:^forbidden",
                "tally.outbox.retry.without-counting", "java.io.IOException",
                "tally.outbox.retry.always[0]", "reason:quota .* exceeded"));
        OutboxSettings settings = properties.settings("");
        assertThat(settings.drainRate()).isEqualTo(250.5);
        assertThat(settings.poisonPolicyOf("t")).isEqualTo(PoisonPolicy.BLOCK);
        assertThat(settings.poisonPolicyOf("audit-log")).isEqualTo(PoisonPolicy.CONTINUE);
        OutboxRetryRules rules = properties.retry().rules();
        IOException io = new ConnectException("refused");
        assertThat(rules.verdict(MESSAGE, new Failed(true, "x", new UncheckedIOException(io))))
                .as("the first list that fits")
                .isEqualTo(Verdict.PARK);
        assertThat(rules.verdict(MESSAGE, new Failed(true, "forbidden topic", null)))
                .isEqualTo(Verdict.PARK);
        assertThat(rules.verdict(MESSAGE, new Failed(true, "x", new IllegalStateException(io))))
                .as("a cause of a sub-type")
                .isEqualTo(Verdict.RETRY_UNCOUNTED);
        assertThat(rules.verdict(MESSAGE, new Failed(false, "the quota of t is exceeded", null)))
                .isEqualTo(Verdict.RETRY);
        assertThat(rules.verdict(MESSAGE, new Failed(false, "x", null))).isEqualTo(Verdict.PARK);
    }
}
