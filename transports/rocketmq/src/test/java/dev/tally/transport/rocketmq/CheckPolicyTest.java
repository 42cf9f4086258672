package dev.tally.transport.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckPolicyTest {

    private static final Duration GIVEN = Duration.ofHours(100);

    private static byte[] config(String... lines) {
        return String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void isTheTimeAfterWhichTheBrokerSkipsAHalfMessage() {
        assertThat(CheckPolicy.horizon(
                        config(
                                "brokerName=a",
                                "fileReservedTime=48",
                                "transRocksDBEnable=false",
                                "transactionCheckMax=2147483647",
                                "transactionCheckInterval=30000",
                                "transactionTimeOut=6000"),
                        GIVEN))
                .isEqualTo(Duration.ofHours(48));
        assertThat(CheckPolicy.horizon(config("fileReservedTime=0"), GIVEN)).isZero();
    }

    @Test
    void isTheLongestThatIsKnownWhereTheBrokerOnlyCountsQuestions() {
        assertThat(CheckPolicy.horizon(
                        config(
                                "fileReservedTime=48",
                                "transRocksDBEnable=true",
                                "transactionCheckMax=15",
                                "transactionCheckInterval=30000",
                                "transactionTimeOut=6000"),
                        GIVEN))
                .isEqualTo(GIVEN);
        assertThat(CheckPolicy.horizon(
                        config(
                                "fileReservedTime=48",
                                "transRocksDBEnable=true",
                                "transactionCheckMax=1000",
                                "transactionCheckInterval=3600000",
                                "transactionTimeOut=6000"),
                        GIVEN))
                .isEqualTo(Duration.ofHours(1000).plusSeconds(6));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "brokerName=a",
                "fileReservedTime=",
                "fileReservedTime=three days",
                "fileReservedTime=-1",
                "fileReservedTime=9223372036854775807",
                "fileReservedTime=\\u00zz",
                "fileReservedTime=72\ntransRocksDBEnable=true",
            })
    void isNothingWhereTheConfigurationDoesNotSay(String config) {
        assertThat(CheckPolicy.horizon(config(config), GIVEN)).isNull();
        assertThat(CheckPolicy.horizon(null, GIVEN)).isNull();
    }
}
