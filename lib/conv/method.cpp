#include "conv/method.hpp"

#include <utility>

namespace conv {

Offer refuse(std::string reason) {
    Offer offer;
    offer.rejection = std::move(reason);
    return offer;
}

}  // namespace conv
