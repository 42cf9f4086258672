package dev.tally.benchmarks.profile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.benchmarks.profile.Shares.Share;
import org.junit.jupiter.api.Test;

class SharesTest {

    @Test
    void namesTheLargestFirstWithTheirPartOfTheWhole() {
        Shares shares = new Shares();
        shares.add("b", 1);
        shares.add("a", 1);
        shares.add("c", 3);
        shares.add("c", 3);

        assertThat(shares.total()).isEqualTo(8);
        assertThat(shares.largest(2)).containsExactly(new Share("c", 75), new Share("a", 12.5));
    }

    @Test
    void namesNothingWhereNothingWasSeen() {
        assertThat(new Shares().largest(5)).isEmpty();
    }
}
