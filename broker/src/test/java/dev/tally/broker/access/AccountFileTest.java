package dev.tally.broker.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.broker.access.Permission.Use;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccountFileTest {

    /** The sample that RocketMQ is shipped with, in its form. */
    private static final String SAMPLE = """
            globalWhiteRemoteAddresses:
              - 10.10.103.*
              - 192.168.0.*

            accounts:
              - accessKey: RocketMQ
                secretKey: 012345678
                whiteRemoteAddress:
                admin: false
                defaultTopicPerm: DENY
                defaultGroupPerm: SUB
                topicPerms:
                  - topicA=DENY
                  - topicB=PUB|SUB
                  - topicC=SUB
                groupPerms:
                  - groupA=DENY
                  - groupB=PUB|SUB
                  - groupC=SUB

              - accessKey: rocketmq2
                secretKey: 12345678
                whiteRemoteAddress: 192.168.1.*
                # if it is admin, it could access all resources
                admin: true
            """;

    @Test
    void readsTheFormOfRocketMq() throws Exception {
        Accounts accounts = AccountFile.read("sample", SAMPLE);

        Account plain = Objects.requireNonNull(accounts.account("RocketMQ"));
        assertThat(accounts.trusted()).hasSize(2);
        assertThat(plain.allows(Need.topic("topicA", Use.ANY))).isFalse();
        assertThat(plain.allows(Need.topic("topicB", Use.PUB))).isTrue();
        assertThat(plain.allows(Need.topic("topicC", Use.SUB))).isTrue();
        assertThat(plain.allows(Need.topic("topicC", Use.PUB))).isFalse();
        assertThat(plain.allows(Need.topic("topicC", Use.ANY))).isTrue();
        assertThat(plain.allows(Need.topic("other", Use.ANY))).isFalse();
        assertThat(plain.allows(Need.group("groupA"))).isFalse();
        assertThat(plain.allows(Need.topic("%RETRY%groupA", Use.PUB))).isFalse();
        assertThat(plain.allows(Need.topic("%RETRY%groupC", Use.PUB))).isTrue();
        assertThat(plain.allows(Need.group("other"))).isTrue();
        assertThat(plain.allows(Need.topic("RMQ_SYS_TRACE_TOPIC", Use.PUB))).isTrue();
        assertThat(plain.allows(Need.topic("RMQ_SYS_TRACE_TOPIC", Use.SUB))).isFalse();
        assertThat(plain.allows(Need.ADMIN)).isFalse();
        assertThat(plain.toString()).doesNotContain("012345678");
        Account admin = Objects.requireNonNull(accounts.account("rocketmq2"));
        assertThat(admin.allows(Need.ADMIN)).isTrue();
        assertThat(admin.trusted()).isNotNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "topicC=SUB # topicC=ALL # line 15: 'ALL' is no permission",
                "topicC=SUB # topicC # line 15: 'topicC' is not of the form",
                "topicC=SUB # topicB=SUB # line 15: a second permission for topicB",
                "192.168.1.* # 192.168.1 # line 23: '192.168.1' is no address",
                "10.10.103.* # 10.10.* # line 2: '10.10.*' is no address",
                "admin: true # admin: yes # line 25: 'yes' is neither true nor false",
                "admin: true # adminn: true # line 25: 'adminn' is not known here",
                "secretKey: 12345678 # secretKey: 123456 # line 21: the secretKey has 6 characters",
                "accessKey: rocketmq2 # accessKey: RocketMQ # line 21: a second account RocketMQ",
                "accounts: # users: # line 5: 'users' is not known here",
                "accounts: # 'accounts: [' # this is no YAML",
                "    topicPerms: # '    topicPerms: none\\n    other:' # line 12: a list is expected here",
            })
    void namesTheLineOfWhatIsWrong(String text, String replacement, String complaint) {
        assertThatThrownBy(() -> AccountFile.read(
                        "F",
                        SAMPLE.replace(
                                text.trim(), replacement.replace("\\n", "\n").trim())))
                .isInstanceOf(AccountFileException.class)
                .hasMessageStartingWith("Cannot use account file F")
                .hasMessageContaining(complaint.trim());
    }

    @Test
    void refusesAnEmptyFileAndOneThatGrowsWhileItIsRead() {
        assertThatThrownBy(() -> AccountFile.read("F", "# nothing\n")).hasMessageContaining("it is empty");
        assertThatThrownBy(() -> AccountFile.read("F", "accounts: &a [*a, *a]")).isInstanceOf(Exception.class);
    }
}
