package dev.tally.sample.order;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.sample.order.book.OrderBook;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.context.annotation.Import;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;

/** Orders over HTTP, stored in H2. */
@SpringBootTest
@AutoConfigureMockMvc
@Import(BrokerInside.class)
class PlaceOrderTest {

    private static final String ORDER = """
            {"orderId": "%s", "customerId": "17850", "country": "United Kingdom", "lines": [
              {"sku": "85123A", "description": "WHITE HANGING HEART", "quantity": %d, "unitPrice": 2.55},
              {"sku": "71053", "description": null, "quantity": 6, "unitPrice": 3.39}]}
            """;

    @Autowired
    private MockMvcTester http;

    @Autowired
    private OrderBook book;

    @BeforeEach
    void emptyBook() {
        book.deleteAll();
    }

    @Test
    void storesAnOrderWithItsLines() {
        assertThat(post("/orders", ORDER.formatted("536365", 6)))
                .hasStatus(201)
                .bodyJson()
                .extractingPath("$.status")
                .isEqualTo("PLACED");

        assertThat(http.get().uri("/orders/536365")).hasStatusOk().bodyJson().isLenientlyEqualTo("""
                        {"orderId": "536365", "customerId": "17850", "placedVia": "OUTBOX", "lines": [
                          {"sku": "85123A", "quantity": 6, "unitPrice": 2.55},
                          {"sku": "71053", "quantity": 6, "unitPrice": 3.39}]}
                        """);
    }

    @Test
    void answersTheSameOrderAgainWithTheStoredOneWhicheverWayItComes() {
        post("/orders", ORDER.formatted("1", 6));

        assertThat(post("/orders", ORDER.formatted("1", 6))).hasStatus(200);
        assertThat(post("/orders/express", ORDER.formatted("1", 6)))
                .hasStatus(200)
                .bodyJson()
                .extractingPath("$.placedVia")
                .isEqualTo("OUTBOX");
        assertThat(book.count()).isEqualTo(1);
    }

    @Test
    void refusesAnotherOrderWithAnIdThatIsTaken() {
        post("/orders/express", ORDER.formatted("1", 6));

        MvcTestResult answer = post("/orders/express", ORDER.formatted("1", 7));

        assertThat(answer)
                .hasStatus(409)
                .hasContentTypeCompatibleWith(MediaType.APPLICATION_PROBLEM_JSON)
                .bodyJson()
                .extractingPath("$.detail")
                .asString()
                .contains("order 1");
        assertThat(http.get().uri("/orders/1"))
                .bodyJson()
                .extractingPath("$.lines[0].quantity")
                .isEqualTo(6);
    }

    @Test
    void refusesBadLinesByNumberFieldAndReasonAndStoresNothing() {
        MvcTestResult answer = post("/orders", """
                {"orderId": "1", "lines": [
                  {"sku": "A", "quantity": 1, "unitPrice": 1},
                  {"sku": " ", "quantity": 0, "unitPrice": 1},
                  {"sku": "C", "unitPrice": 1}]}
                """);

        assertThat(answer)
                .hasStatus(422)
                .hasContentTypeCompatibleWith(MediaType.APPLICATION_PROBLEM_JSON)
                .bodyJson()
                .extractingPath("$.errors")
                .isEqualTo(List.of(
                        Map.of("line", 2, "field", "quantity", "reason", "is less than 1"),
                        Map.of("line", 2, "field", "sku", "reason", "is missing"),
                        Map.of("line", 3, "field", "quantity", "reason", "is missing")));
        assertThat(book.count()).isZero();
    }

    @Test
    void refusesAnOrderWithoutIdOrLines() {
        assertThat(post("/orders", "{\"orderId\": \"\", \"lines\": []}"))
                .hasStatus(422)
                .bodyJson()
                .extractingPath("$.errors[*].field")
                .asArray()
                .containsExactly("lines", "orderId");
        assertThat(post("/orders", "{}")).hasStatus(422);
        assertThat(post("/orders", "{\"orderId\": \"1\", \"lines\": [null]}")).hasStatus(422);
    }

    @Test
    void namesTheFieldOfABodyThatCannotBeRead() {
        assertThat(
                        post(
                                "/orders",
                                "{\"orderId\": \"1\", \"lines\": [{\"sku\": \"A\", \"quantity\": \"many\", \"unitPrice\": 1}]}"))
                .hasStatus(400)
                .bodyJson()
                .extractingPath("$.errors")
                .isEqualTo(List.of(Map.of("line", 1, "field", "quantity", "reason", "cannot be read")));
        assertThat(post("/orders", "{")).hasStatus(400);
    }

    @Test
    void showsOrdersAPageAtATime() {
        for (String orderId : List.of("3", "1", "2")) {
            post("/orders", ORDER.formatted(orderId, 1));
        }

        assertThat(http.get().uri("/orders?limit=2"))
                .hasStatusOk()
                .bodyJson()
                .isLenientlyEqualTo("{\"items\": [{\"orderId\": \"1\"}, {\"orderId\": \"2\"}], \"next\": \"2\"}");
        assertThat(http.get().uri("/orders?limit=2&after=2&status=PLACED"))
                .bodyJson()
                .isLenientlyEqualTo("{\"items\": [{\"orderId\": \"3\"}], \"next\": null}");
        assertThat(http.get().uri("/orders?status=CONFIRMED"))
                .bodyJson()
                .isLenientlyEqualTo("{\"items\": [], \"next\": null}");
    }

    @Test
    void refusesQuestionsThatMakeNoSense() {
        assertThat(http.get().uri("/orders/none")).hasStatus(404);
        assertThat(http.get().uri("/orders?limit=0")).hasStatus(400);
        assertThat(http.get().uri("/orders?status=LOST")).hasStatus(400);
    }

    private MvcTestResult post(String path, String body) {
        return http.post()
                .uri(path)
                .contentType(MediaType.APPLICATION_JSON)
                .content(body)
                .exchange();
    }
}
