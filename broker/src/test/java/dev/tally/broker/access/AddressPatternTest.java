package dev.tally.broker.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressPatternTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "* | 10.0.0.1 | true",
                "* | ::1 | true",
                "*.*.*.* | 10.0.0.1 | true",
                "10.0.0.7 | 10.0.0.7 | true",
                "10.0.0.7 | 10.0.0.8 | false",
                "10.0.0.* | 10.0.0.255 | true",
                "10.0.0.* | 10.0.1.0 | false",
                "10.0.1-9.* | 10.0.9.3 | true",
                "10.0.1-9.* | 10.0.10.3 | false",
                "10.0.0.{7,9} | 10.0.0.9 | true",
                "10.0.0.{7,9} | 10.0.0.8 | false",
                "10.0.0.7,10.0.0.9 | 10.0.0.9 | true",
                "10.0.0.7,10.0.0.9 | 10.0.0.8 | false",
                "10.0.0.7 | ::ffff:10.0.0.7 | true",
                "::1 | ::1 | true",
                "2001:db8::* | 2001:db8::ffff | true",
                "2001:db8::* | 2001:db8::1:ffff | false",
                "2001:db8::1-2:* | 2001:db8::2:ff | true",
                "2001:db8::1-2:* | 2001:db8::3:ff | false",
                "2001:db8:0:0:0:0:0:{1,a} | 2001:db8::a | true",
                "* | 0.0.0.0 | true"
            })
    void matchesTheAddressesThatItNames(String pattern, String address, boolean expected) throws UnknownHostException {
        assertThat(AddressPattern.parse(pattern.trim()).matches(InetAddress.getByName(address.trim())))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0",
                "10.0.0.256",
                "10.0.0.9-7",
                "10.0.0.x",
                "10.0.0.-1",
                "localhost",
                "10.0.0.1,",
                "10.0.0.{}",
                "1:2:3",
                "1::2::3",
                "1:2:3:4:5:6:7::8",
                "fffff::1",
                "10.0.0.٣"
            })
    void refusesWhatIsNoAddress(String pattern) {
        assertThatThrownBy(() -> AddressPattern.parse(pattern)).isInstanceOf(IllegalArgumentException.class);
    }
}
