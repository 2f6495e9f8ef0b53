// Google's Gemini API (generateContent, streamGenerateContent), as a client's and as a provider's language;
// as spoken by the Gemini API and by Vertex AI.
//
//   const Dialect& gemini = google_gemini::dialect();
//
// Model and stream stand in the path: who reads that sets them in the request.
#pragma once

#include "dialect/dialect.h"

namespace hanse::google_gemini {

const Dialect& dialect();

}  // namespace hanse::google_gemini
