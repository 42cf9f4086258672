package dev.tally.broker.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SqlFilterTest {

    /** What every expression of these tests is evaluated on. */
    private static final Map<String, String> MESSAGE = Map.of(
            "TAGS",
            "paid",
            "a",
            "7",
            "b",
            "-3.5",
            "big",
            "9007199254740993",
            "name",
            "O'Brien",
            "yes",
            "true",
            "no",
            "false",
            "word",
            "seven",
            "long_name$1",
            "x");

    private static boolean matches(String expression) {
        try {
            return SqlFilter.compile(expression).matches(MESSAGE::get);
        } catch (InvalidExpressionException e) {
            throw new AssertionError(expression, e);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a = 7",
                "a <> 8",
                "a > 6.5",
                "a >= 7 AND a <= 7",
                "a<8and a>6",
                "7 < 8",
                "b < 0",
                "b = -3.5",
                "b BETWEEN -4 AND -3",
                "a between 7 and 7",
                "a NOT BETWEEN 8 AND 9",
                "a = '7'",
                "a > +6",
                "a = 7L",
                "a < 1E3",
                "a > .5 AND a > 5.",
                "a > -9223372036854775808",
                "big > 9007199254740992",
                "big = 9007199254740993",
                "TAGS = 'paid'",
                "TAGS IN ('open', 'paid')",
                "TAGS NOT IN ('open', 'closed')",
                "name = 'O''Brien'",
                "yes = TRUE",
                "TRUE = yes",
                "no = false",
                "no <> TRUE",
                "absent IS NULL",
                "a IS NOT NULL",
                "a is not null and absent is null",
                "NOT (a = 8)",
                "(a = 8 OR a = 7) AND (TAGS = 'x' OR TAGS = 'paid')",
                "a = 8 OR a = 9 OR a = 7",
                "TRUE",
                "TRUE OR absent > 5",
                "absent > 5 OR a = 7",
                "word CONTAINS 'eve'",
                "word STARTSWITH 'sev'",
                "word endswith 'ven'",
                "word NOT CONTAINS 'x'",
                "word NOT STARTSWITH 'x'",
                "word NOT ENDSWITH 'x'",
                "long_name$1 = 'x'",
                "a = 7 -- and nothing else",
                "a /* the number */ = /**/ 7",
                "(a = 7) = TRUE",
                "absent = missing",
                "a <> absent"
            })
    void matchesWhereTheConditionHolds(String expression) {
        assertThat(matches(expression)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a = 8",
                "a > 7",
                "a < 7",
                "b > 0",
                "big = 9007199254740992",
                "TAGS = 'Paid'",
                "tags = 'paid'",
                "TAGS IN ('open')",
                "TAGS NOT IN ('paid')",
                "yes = FALSE",
                "a IS NULL",
                "absent IS NOT NULL",
                "FALSE",
                "NULL",
                "word CONTAINS ''",
                "word NOT CONTAINS ''",
                "word NOT CONTAINS 'eve'",
                "7 CONTAINS 'x'"
            })
    void refusesWhereTheConditionDoesNotHold(String expression) {
        assertThat(matches(expression)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "absent = 5",
                "absent <> 5",
                "NOT absent = 5",
                "absent > 5",
                "NOT (absent > 5)",
                "absent IN ('x')",
                "absent NOT IN ('x')",
                "absent CONTAINS 'x'",
                "absent NOT CONTAINS 'x'",
                "absent BETWEEN 1 AND 2",
                "absent NOT BETWEEN 1 AND 2",
                "absent > 5 AND a = 7",
                "a = absent",
                "-a < 0"
            })
    void takesWhatIsUnknownForNoMatchAlsoWhenItIsNegated(String expression) {
        assertThat(matches(expression)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"word > 5", "word = 5", "NOT (word = 5)", "word < a", "word BETWEEN 1 AND 2", "word = 5 OR a = 7"
            })
    void refusesAMessageWhosePropertyIsNoNumber(String expression) {
        assertThat(matches(expression)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"yes", "yes AND a = 7", "word"})
    void neverTakesAPropertyAloneForTrueBecausePropertiesAreTexts(String expression) {
        assertThat(matches(expression)).isFalse();
        assertThat(matches("NOT yes")).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
                    a >                      | the end stands at character 4
                    a = 7 b                  | 'b' stands at character 7 where the end must
                    a LIKE 'x%'              | 'LIKE' stands at character 3
                    a == 7                   | '=' stands at character 4
                    a != 7                   | nothing begins with the character 3
                    a = 'x                   | has no closing quote
                    (a = 7                   | where ) must
                    a = 7;                   | nothing begins with the character 6
                    a = NULL                 | NULL cannot be compared
                    a > 'x'                  | only numbers have an order
                    a > TRUE                 | only numbers have an order
                    a BETWEEN 'a' AND 'b'    | only numbers have an order
                    a BETWEEN 9 AND 8        | ends with less
                    a IN ()                  | a text in quotes
                    a IN (1, 2)              | a text in quotes
                    5 IN ('x')               | IN takes a property
                    a CONTAINS 5             | a text in quotes
                    a IS 5                   | where NULL must
                    5                        | 5 stands where a condition must
                    'x' OR a = 7             | stands where a condition must
                    TRUE = 5                 | cannot be compared
                    007 = a                  | begins with 0
                    9223372036854775808 > a  | out of range
                    1E999 > a                | out of range
                    7x = a                   | 7 stands where a condition must
                    a = 7 /* open            | does not end
                    """)
    void saysWhatIsWrongWithAnExpression(String expression, String complaint) {
        assertThatThrownBy(() -> SqlFilter.compile(expression))
                .isInstanceOf(InvalidExpressionException.class)
                .hasMessageContaining(complaint);
    }

    @Test
    void takesLongListsAndRefusesDeepNesting() throws Exception {
        String list = String.join(" OR ", Collections.nCopies(500, "a = 8")) + " OR a = 7";
        assertThat(SqlFilter.compile(list).matches(MESSAGE::get)).isTrue();
        for (String deep : new String[] {
            "(".repeat(1000) + "a = 7" + ")".repeat(1000),
            "NOT ".repeat(1000) + "a = 7",
            "a" + " = a".repeat(1000),
            "a" + " IS NULL".repeat(1000),
            "a > " + "- ".repeat(1000) + "7"
        }) {
            assertThatThrownBy(() -> SqlFilter.compile(deep)).hasMessageContaining("nested");
        }
        assertThatThrownBy(() -> SqlFilter.compile("a = '" + "x".repeat(20_000) + "'"))
                .hasMessageContaining("characters");
    }

    /** As in RocketMQ, whose grammar this is. */
    @Test
    void bindsNotMoreTightlyThanEquals() {
        assertThat(matches("NOT a = 8")).isFalse();
        assertThat(matches("NOT (a = 8)")).isTrue();
        assertThat(matches("(NOT a) = TRUE")).isTrue();
    }

    @Test
    void looksNoFurtherThanTheFirstPartThatDecides() {
        assertThat(matches("a = 7 OR word > 5")).isTrue();
        assertThat(matches("NOT (a = 8 AND word > 5)")).isTrue();
    }
}
