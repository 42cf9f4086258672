package dev.tally.broker.console;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QueueTablesTest {

    @Test
    void takesTheTableAsItCame() {
        String table = "{{\"brokerName\":\"a}\\\"\",\"queueId\":0,\"topic\":\"t\"}:5,{\"queueId\":1}:7}";
        assertThat(QueueTables.of("{\"consumerTable\":{},\"messageQueueTable\":" + table + "}"))
                .isEqualTo(table);
    }

    @Test
    void isEmptyWhereThereIsNoneOrItIsCut() {
        assertThat(QueueTables.of("")).isEqualTo("{}");
        assertThat(QueueTables.of("{\"messageQueueTable\":null}")).isEqualTo("{}");
        assertThat(QueueTables.of("{\"messageQueueTable\":")).isEqualTo("{}");
        assertThat(QueueTables.of("{\"messageQueueTable\":{{\"queueId\":0}:5")).isEqualTo("{}");
    }
}
