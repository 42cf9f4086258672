package dev.tally.broker.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class NeedsConditionTest {

    private static final Function<Means, Optional<String>> NO_STRACE =
            means -> means == Means.STRACE ? Optional.of("strace is not there") : Optional.empty();

    @Test
    void skipsAndSaysWhatIsMissing() {
        assertThat(NeedsCondition.decide(List.of(Means.PRLIMIT, Means.STRACE), NO_STRACE, false))
                .satisfies(result -> assertThat(result.isDisabled()).isTrue())
                .satisfies(result ->
                        assertThat(result.getReason()).hasValue("Missing on this machine: strace is not there"));
    }

    @Test
    void isAnErrorOnABuildServer() {
        assertThatThrownBy(() -> NeedsCondition.decide(List.of(Means.STRACE), NO_STRACE, true))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("strace is not there");
    }

    @Test
    void runsWhereNothingIsMissing() {
        assertThat(NeedsCondition.decide(List.of(Means.PRLIMIT), NO_STRACE, true)
                        .isDisabled())
                .isFalse();
    }
}
