package dev.tally.benchmarks.application;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class OrderTest {

    @ParameterizedTest
    @ValueSource(longs = {Order.FIRST_ID, 1_234_567_890L, 9_999_999_999L})
    void isAsLongAsItSays(long orderId) {
        assertThat(new JsonMapper().writeValueAsBytes(Order.of(orderId))).hasSize(Order.JSON_BYTES);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 7, 42, 999, 9999})
    void isAsLongAsItSaysForEveryCustomer(int customer) {
        assertThat(new JsonMapper().writeValueAsBytes(Order.of(Order.FIRST_ID, customer)))
                .hasSize(Order.JSON_BYTES);
    }
}
