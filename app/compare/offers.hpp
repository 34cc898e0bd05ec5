#pragma once

#include <deque>

#include "compare/subject.hpp"
#include "conv/device.hpp"

namespace conv {

/// What the methods of the devices answer to one subject. Each is asked once, when it is first
/// looked up; what is handed out stays where it is.
class Offers {
public:
    explicit Offers(const Subject& subject) : subject_(subject) {}

    /// The answer of one of the device's own methods.
    const Offer& of(const Method& method);

private:
    struct Answer {
        const Method* method;
        Offer offer;
    };
    const Subject& subject_;
    std::deque<Answer> answers_;
};

}  // namespace conv
