package dev.tally.outbox.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tally.message.JacksonPayloadCodec;
import dev.tally.message.MessageTypes;
import dev.tally.message.PayloadUnreadableException;
import dev.tally.outbox.change.EntityChange.Operation;
import dev.tally.outbox.change.EntityChange.PropertyChange;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

class EntityChangeTest {

    record Copy(String name, BigDecimal credit, LocalDate born, List<String> tags) {}

    record Key(String room, int number) {}

    private static Map<String, Object> state() {
        Map<String, Object> state = new LinkedHashMap<>();
        state.put("name", "Zoë");
        state.put("credit", new BigDecimal("12345678901234567890.10"));
        state.put("born", LocalDate.of(1990, 2, 3));
        state.put("tags", Arrays.asList("b", null, "a"));
        state.put("address", Map.of("city", "Paris"));
        state.put("manager", null);
        state.put("large", new BigInteger("123456789012345678901234567890"));
        state.put("long", 12345678901L);
        state.put("active", true);
        return state;
    }

    private static EntityChange change() {
        Map<String, PropertyChange> changed = new LinkedHashMap<>();
        changed.put("name", new PropertyChange(null, "Zoë"));
        changed.put("address.city", new PropertyChange("Lyon", "Paris"));
        return new EntityChange("Customer", 7, 3, Operation.UPDATED, changed, state());
    }

    /** Whatever the application does with its mapper. */
    static Stream<JsonMapper> mappers() {
        return Stream.of(
                new JsonMapper(),
                JsonMapper.builder()
                        .propertyNamingStrategy(PropertyNamingStrategies.UPPER_SNAKE_CASE)
                        .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                        .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
                        .changeDefaultPropertyInclusion(inclusion -> inclusion
                                .withValueInclusion(JsonInclude.Include.NON_EMPTY)
                                .withContentInclusion(JsonInclude.Include.NON_NULL))
                        .build());
    }

    @ParameterizedTest
    @MethodSource("mappers")
    void itsDocumentIsTheSameWithAnyMapper(JsonMapper mapper) {
        byte[] written = new JacksonPayloadCodec(mapper).encode(change());

        assertThat(new String(written, StandardCharsets.UTF_8))
                .isEqualTo("{\"entity\":\"Customer\",\"id\":7,\"version\":3,\"operation\":\"UPDATED\",\"changed\":{"
                        + "\"name\":{\"from\":null,\"to\":\"Zoë\"},"
                        + "\"address.city\":{\"from\":\"Lyon\",\"to\":\"Paris\"}},"
                        + "\"state\":{\"name\":\"Zoë\",\"credit\":12345678901234567890.10,\"born\":\"1990-02-03\","
                        + "\"tags\":[\"b\",null,\"a\"],\"address\":{\"city\":\"Paris\"},\"manager\":null,"
                        + "\"large\":123456789012345678901234567890,\"long\":12345678901,\"active\":true}}");
    }

    @ParameterizedTest
    @MethodSource("mappers")
    void isReadAsItWasWritten(JsonMapper mapper) {
        JacksonPayloadCodec codec = new JacksonPayloadCodec(mapper);
        EntityChange read = new EntityChangeReader(codec).read(codec.encode(change()));

        Map<String, Object> expected = state();
        expected.put("born", "1990-02-03");
        assertThat(read).isEqualTo(new EntityChange("Customer", 7, 3, Operation.UPDATED, change().changed(), expected));
        assertThat(read.state().keySet()).containsExactlyElementsOf(expected.keySet());

        EntityChange deleted = new EntityChange(
                "Seat", Map.of("room", "blue", "number", 3), null, Operation.DELETED, Map.of(), Map.of());
        assertThat(codec.decode(codec.encode(deleted), EntityChange.class)).isEqualTo(deleted);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void givesTypedViews(boolean overTheWire) {
        JacksonPayloadCodec codec = new JacksonPayloadCodec(new JsonMapper());
        EntityChangeReader reader = new EntityChangeReader(codec);
        EntityChange change = overTheWire ? reader.read(codec.encode(change())) : change();

        assertThat(reader.id(change, Long.class)).isEqualTo(7L);
        assertThat(reader.state(change, Copy.class))
                .isEqualTo(new Copy(
                        "Zoë",
                        new BigDecimal("12345678901234567890.10"),
                        LocalDate.of(1990, 2, 3),
                        Arrays.asList("b", null, "a")));
        assertThat(reader.before(change, "address.city", String.class)).contains("Lyon");
        assertThat(reader.after(change, "address.city", String.class)).contains("Paris");
        assertThat(reader.before(change, "name", String.class)).isEmpty();
        assertThat(reader.before(change, "born", LocalDate.class)).isEmpty();
        EntityChange seat = new EntityChange(
                "Seat", Map.of("room", "blue", "number", 3), null, Operation.CREATED, Map.of(), Map.of());
        assertThat(reader.id(seat, Key.class)).isEqualTo(new Key("blue", 3));
        assertThatExceptionOfType(PayloadUnreadableException.class).isThrownBy(() -> reader.id(seat, Long.class));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "7",
                "{\"entity\":\"C\",\"id\":1,\"operation\":\"VANISHED\",\"changed\":{},\"state\":{}}",
                "{\"entity\":\"C\",\"id\":null,\"operation\":\"CREATED\",\"changed\":{},\"state\":{}}",
                "{\"entity\":\"C\",\"id\":1,\"operation\":\"UPDATED\",\"changed\":{\"a\":1},\"state\":{}}",
                "{\"entity\":\"C\",\"id\":1,\"operation\":\"CREATED\",\"changed\":{},\"state\":{}} x",
                "{\"entity\":\"C\",\"id\":1,\"operation\":\"CREATED\",\"changed\":{},\"state\":{\"a\":"
            })
    void refusesWhatIsNoChange(String document) {
        EntityChangeReader reader = new EntityChangeReader(new JacksonPayloadCodec(new JsonMapper()));

        assertThatExceptionOfType(PayloadUnreadableException.class)
                .isThrownBy(() -> reader.read(document.getBytes(StandardCharsets.UTF_8)))
                .withMessageContaining("entity-change");
    }

    @ParameterizedTest
    @ValueSource(strings = "entity-change")
    void hasALogicalName(String name) {
        assertThat(MessageTypes.nameOf(EntityChange.class)).isEqualTo(name);
    }
}
