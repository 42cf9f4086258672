package dev.tally.transport.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.RequestCode;
import org.apache.rocketmq.remoting.protocol.SerializeType;
import org.junit.jupiter.api.Test;

class BinaryHeadersTest {

    private static SerializeType formOf(int code) {
        RemotingCommand request = RemotingCommand.createRequestCommand(code, null);
        new BinaryHeaders().doBeforeRequest("127.0.0.1:1", request);
        return request.getSerializeTypeCurrentRPC();
    }

    @Test
    void leavesCodesThatDoNotFitInJson() {
        assertThat(formOf(RequestCode.SEND_MESSAGE_V2)).isEqualTo(SerializeType.ROCKETMQ);
        assertThat(formOf(Short.MAX_VALUE)).isEqualTo(SerializeType.ROCKETMQ);
        assertThat(formOf(Short.MAX_VALUE + 1)).isEqualTo(SerializeType.JSON);
    }
}
