#include "net/content_decoder.h"

#include <brotli/decode.h>
#include <zlib.h>

#include "base/bytes.h"

namespace hanse::net {
namespace {

class Inflate final : public ContentDecoder {
 public:
  explicit Inflate(bool gzip) : either_(!gzip) {
    constexpr int kGzipOnly = 16;
    good_ = ::inflateInit2(&stream_, MAX_WBITS + (gzip ? kGzipOnly : 0)) == Z_OK;
  }
  ~Inflate() override { ::inflateEnd(&stream_); }

  Result<void> step(std::string_view& bytes, std::string& out) override {
    if (!good_) return fail(Code::internal, "zlib did not start");
    size_t from = out.size();
    out.resize(from + kStepBytes);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data() + from);
    stream_.avail_out = kStepBytes;
    int rc = ended_ ? Z_STREAM_END : ::inflate(&stream_, Z_NO_FLUSH);
    if (rc == Z_DATA_ERROR && either_ && stream_.total_out == 0) rc = retry_raw(bytes);
    out.resize(out.size() - stream_.avail_out);
    bytes.remove_prefix(bytes.size() - stream_.avail_in);
    if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
      return fail(Code::malformed_reply, "the answer's compression is broken");
    ended_ = rc == Z_STREAM_END;
    if (ended_) bytes = {};
    either_ = false;
    return {};
  }
  bool ended() const override { return ended_; }

 private:
  // "deflate" means zlib's format, but some servers send it without its header (RFC 9110 section 8.4.1.2).
  int retry_raw(std::string_view bytes) {
    ::inflateReset2(&stream_, -MAX_WBITS);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    return ::inflate(&stream_, Z_NO_FLUSH);
  }
  z_stream stream_{};
  bool good_ = false;
  bool either_;
  bool ended_ = false;
};

class Brotli final : public ContentDecoder {
 public:
  ~Brotli() override { ::BrotliDecoderDestroyInstance(state_); }

  Result<void> step(std::string_view& bytes, std::string& out) override {
    size_t from = out.size();
    out.resize(from + kStepBytes);
    size_t in_left = bytes.size(), out_left = kStepBytes;
    auto* in = reinterpret_cast<const uint8_t*>(bytes.data());
    auto* to = reinterpret_cast<uint8_t*>(out.data() + from);
    auto rc = ::BrotliDecoderDecompressStream(state_, &in_left, &in, &out_left, &to, nullptr);
    out.resize(out.size() - out_left);
    bytes.remove_prefix(bytes.size() - in_left);
    if (rc == BROTLI_DECODER_RESULT_ERROR)
      return fail(Code::malformed_reply, "the answer's compression is broken");
    ended_ = rc == BROTLI_DECODER_RESULT_SUCCESS;
    if (ended_) bytes = {};
    return {};
  }
  bool ended() const override { return ended_; }

 private:
  BrotliDecoderState* state_ = ::BrotliDecoderCreateInstance(nullptr, nullptr, nullptr);
  bool ended_ = false;
};

}  // namespace

Result<std::unique_ptr<ContentDecoder>> ContentDecoder::make(std::string_view encoding) {
  if (encoding.empty() || equal_ignoring_case(encoding, "identity")) return nullptr;
  if (equal_ignoring_case(encoding, "gzip") || equal_ignoring_case(encoding, "x-gzip"))
    return std::make_unique<Inflate>(true);
  if (equal_ignoring_case(encoding, "deflate")) return std::make_unique<Inflate>(false);
  if (equal_ignoring_case(encoding, "br")) return std::make_unique<Brotli>();
  return fail(Code::malformed_reply, "the answer is encoded as '" + std::string(encoding.substr(0, 40)) +
                                         "', which was not asked for");
}

}  // namespace hanse::net
