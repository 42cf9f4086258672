package dev.tally.sample.order.web;

import dev.tally.sample.order.place.OrderConflictException;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.bind.MethodArgumentNotValidException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;
import tools.jackson.core.JacksonException;

/** Answers what cannot be done with a problem detail (RFC 9457); a refused order names each line and field. */
@RestControllerAdvice
class Problems extends ResponseEntityExceptionHandler {

    private static final Comparator<Refusal> BY_LINE = Comparator.comparing(
                    Refusal::line, Comparator.nullsFirst(Comparator.<Integer>naturalOrder()))
            .thenComparing(Refusal::field);

    @ExceptionHandler
    ProblemDetail conflict(OrderConflictException refused) {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(HttpStatus.CONFLICT, refused.getMessage());
        problem.setTitle("Order id taken");
        return problem;
    }

    /** An order cannot be cancelled; {@code notYet} if asking again may help. */
    static ResponseEntity<Object> conflict(String why, boolean notYet) {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(HttpStatus.CONFLICT, why + "; nothing was changed");
        problem.setTitle("Order not cancelled");
        HttpHeaders headers = new HttpHeaders();
        headers.setContentType(MediaType.APPLICATION_PROBLEM_JSON);
        if (notYet) {
            headers.set(HttpHeaders.RETRY_AFTER, "1");
        }
        return new ResponseEntity<>(problem, headers, HttpStatus.CONFLICT);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleMethodArgumentNotValid(
            MethodArgumentNotValidException refused, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        List<Refusal> errors = refused.getBindingResult().getFieldErrors().stream()
                .map(error -> Refusal.at(error.getField(), error.getDefaultMessage()))
                .sorted(BY_LINE)
                .toList();
        return problem(HttpStatus.UNPROCESSABLE_CONTENT, "Order refused", errors, refused, headers, request);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleHttpMessageNotReadable(
            HttpMessageNotReadableException refused, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        List<Refusal> errors = refused.getCause() instanceof JacksonException unreadable
                ? List.of(Refusal.at(path(unreadable), "cannot be read"))
                : List.of();
        return problem(HttpStatus.BAD_REQUEST, "Body cannot be read", errors, refused, headers, request);
    }

    private @Nullable ResponseEntity<Object> problem(
            HttpStatus status,
            String title,
            List<Refusal> errors,
            Exception refused,
            HttpHeaders headers,
            WebRequest request) {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(status, "Nothing was stored");
        problem.setTitle(title);
        problem.setProperty("errors", errors);
        return handleExceptionInternal(refused, problem, headers, status, request);
    }

    private static String path(JacksonException unreadable) {
        StringBuilder path = new StringBuilder();
        for (JacksonException.Reference step : unreadable.getPath()) {
            if (step.getPropertyName() == null) {
                path.append('[').append(step.getIndex()).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(step.getPropertyName());
            }
        }
        return path.isEmpty() ? "body" : path.toString();
    }
}
