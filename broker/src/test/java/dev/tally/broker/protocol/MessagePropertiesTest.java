package dev.tally.broker.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.rocketmq.common.message.MessageDecoder;
import org.junit.jupiter.api.Test;

class MessagePropertiesTest {

    /** Short names of few letters meet each other as prefixes, suffixes and values. */
    private static final List<String> WORDS = List.of("A", "AB", "B", "BA", "ABA", "", "TAGS", "xTAGS", "TAGSx", "ü");

    @Test
    void readsAndChangesAnyTextAsTheOfficialDecoderReadsIt() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 20_000; round++) {
            String text = anyText(random);
            MessageProperties properties = MessageProperties.of(text);
            Map<String, String> official = official(text);
            String name = WORDS.get(random.nextInt(WORDS.size()));
            assertThat(properties.asMap()).as("seed %s text %s", seed, text).isEqualTo(official);
            if (name.isEmpty()) {
                continue;
            }
            assertThat(properties.get(name)).as("seed %s text %s", seed, text).isEqualTo(official.get(name));
            Map<String, String> expected = new LinkedHashMap<>(official);
            expected.put(name, "new");
            assertThat(official(properties.with(name, "new").text()))
                    .as("seed %s text %s", seed, text)
                    .isEqualTo(expected);
            expected.remove(name);
            assertThat(official(properties.without(name).text()))
                    .as("seed %s text %s", seed, text)
                    .isEqualTo(expected);
        }
    }

    private static String anyText(Random random) {
        StringBuilder text = new StringBuilder();
        for (int pair = random.nextInt(6); pair > 0; pair--) {
            text.append(WORDS.get(random.nextInt(WORDS.size())));
            text.append(random.nextInt(10) == 0 ? "" : "\u0001");
            text.append(WORDS.get(random.nextInt(WORDS.size())));
            text.append(pair == 1 && random.nextBoolean() ? "" : "\u0002");
        }
        return text.toString();
    }

    private static Map<String, String> official(String text) {
        return MessageDecoder.string2messageProperties(text);
    }
}
